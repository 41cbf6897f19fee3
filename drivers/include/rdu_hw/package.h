/* The package: an image and what a host binds its arguments to.
 *
 * A compiler writes one for each piece of work that it gives a chip; a host reads it, allocates device memory, moves what
 * the table says and runs the image. Values of the host are numbers of the host's own (of a graph's values, say): here
 * they mean nothing. In the file as in memory, all little-endian:
 *
 *     header, bindings, image (from a multiple of 8), data (from a multiple of 64), with zeros between
 *
 * Chapter "The package" of the manual (drivers/image/README.md) says the same in sentences. Packages are written with
 * drivers/image/package.hpp. */
#ifndef RDU_HW_PACKAGE_H
#define RDU_HW_PACKAGE_H

#include <rdu_hw/config.h>
#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

/* A major version is refused by another's decoder: records changed. A minor one only adds codes. */
#define RDU_HW_PACKAGE_MAJOR 1u
#define RDU_HW_PACKAGE_MINOR 1u
#define RDU_HW_PACKAGE_MAGIC "RDU_CHIP" /* 8 bytes, without a zero */
#define RDU_HW_PACKAGE_ALIGNMENT 64u    /* of the data, and what a host should map a package at */
#define RDU_HW_NUM_TIERS 2u             /* RDU_HW_TIER_ */

typedef struct rdu_hw_package_header {
  uint8_t magic[8];
  uint64_t bytes; /* of the whole package */
  uint64_t hash;  /* FNV-1a, 64 bits, of what lies between this field and the data */
  uint16_t major;
  uint16_t minor;
  uint32_t num_bindings;
  uint64_t image_offset;
  uint64_t image_bytes;
  uint64_t data_offset;
  uint64_t data_bytes;
  uint64_t scratch_bytes[RDU_HW_NUM_TIERS];
  uint64_t estimated_cycles; /* of a run, by the compiler; 0: it gave none */
  uint64_t reserved;         /* 0 */
} rdu_hw_package_header;

/* What an argument of the image is bound to. */
enum rdu_hw_source {
  RDU_HW_SOURCE_VALUE = 0,    /* a value of the host, moved in each run: a region or a scalar */
  RDU_HW_SOURCE_CONSTANT = 1, /* a value of the host that stays: moved once, at load */
  RDU_HW_SOURCE_DATA = 2,     /* a region with bytes of the package's data, which the chip reads */
  RDU_HW_SOURCE_SCRATCH = 3,  /* a region in its tier's scratch: undefined before and after a run */
  RDU_HW_SOURCE_WORD = 4,     /* a scalar with a word of the package */
  /* Since 1.1: a scalar that the chip writes. The run failed where it is not 0: it is a position outside a dimension then. */
  RDU_HW_SOURCE_CHECK = 5
};

/* How a VALUE moves in a run. A region that the chip writes only in part, and of which the rest is to stay, has both. */
#define RDU_HW_MOVE_IN 1u  /* from the host before the start */
#define RDU_HW_MOVE_OUT 2u /* to the host after the end; the chip has access WRITE */

/* Conversions on the way: X(NAME, number, bytes of an element at the host, bytes on the chip). A conversion to fewer bits is
 * exact or fails for integers, and to the nearest, ties to even, for floats. Both ways everywhere. */
#define RDU_HW_CONVERSIONS(X)                                     \
  X(NONE, 0, 1, 1) /* bytes as they are */                        \
  X(I64_I32, 1, 8, 4)                                             \
  X(U32_I32, 2, 4, 4) /* to the chip: up to 2^31 - 1 */           \
  X(U64_I32, 3, 8, 4)                                             \
  X(I16_I32, 4, 2, 4)                                             \
  X(U16_I32, 5, 2, 4)                                             \
  X(I8_I32, 6, 1, 4)                                              \
  X(U8_I32, 7, 1, 4)                                              \
  X(BOOL_I32, 8, 1, 4) /* to either side: 1 for anything but 0 */ \
  X(F64_F32, 9, 8, 4)                                             \
  X(F16_F32, 10, 2, 4)                                            \
  X(BF16_F32, 11, 2, 4)                                           \
  X(F32_BF16, 12, 4, 2)

#define X(name, number, host_bytes, chip_bytes) RDU_HW_CONVERT_##name = number,
enum rdu_hw_conversion { RDU_HW_CONVERSIONS(X) RDU_HW_NUM_CONVERSIONS = 13 };
#undef X

static inline uint32_t rdu_hw_conversion_host_bytes(uint32_t conversion) {
  switch (conversion) {
#define X(name, number, host_bytes, chip_bytes) \
  case number:                                  \
    return host_bytes;
    RDU_HW_CONVERSIONS(X)
#undef X
    default:
      return 0;
  }
}

static inline uint32_t rdu_hw_conversion_chip_bytes(uint32_t conversion) {
  switch (conversion) {
#define X(name, number, host_bytes, chip_bytes) \
  case number:                                  \
    return chip_bytes;
    RDU_HW_CONVERSIONS(X)
#undef X
    default:
      return 0;
  }
}

/* One for each argument of the image, in their order. Fields that a source does not use are 0, `value` RDU_HW_NONE. */
typedef struct rdu_hw_binding {
  uint32_t source;     /* RDU_HW_SOURCE_ */
  uint32_t conversion; /* VALUE, CONSTANT: RDU_HW_CONVERT_; NONE otherwise */
  uint32_t
      value; /* VALUE, CONSTANT: the host's number; CHECK: of the value that has the dimension, or NONE */
  uint32_t moves; /* VALUE: RDU_HW_MOVE_, one or both; CONSTANT: IN */
  /* VALUE, CONSTANT: the first byte in the host's value. DATA: in the data, a multiple of 64. SCRATCH: in the scratch of the
   * argument's tier, a multiple of its alignment; regions may overlap where the compiler knows that their lives do not.
   * CHECK: the dimension, 0 the outermost. */
  uint64_t offset;
  /* VALUE, CONSTANT: how many are moved, from the region's beginning: at most what the region holds; 1 for a scalar, or 4
   * bytes with NONE. DATA: bytes, all of the region. CHECK: of the dimension. */
  uint64_t elements;
  uint32_t word; /* WORD */
  uint32_t reserved;
} rdu_hw_binding;

/* What decoding gives. `image` and `bindings` are the package's own; `image_bytes` and `data` lie in the caller's bytes. */
typedef struct rdu_hw_package {
  const rdu_hw_image* image;
  const rdu_hw_binding* bindings; /* one for each argument of the image */
  const void* image_bytes;        /* what a driver loads */
  uint64_t image_size;
  const void* data;
  uint64_t data_size;
  uint64_t scratch_bytes[RDU_HW_NUM_TIERS];
  uint64_t estimated_cycles;
  uint64_t hash;
} rdu_hw_package;

/* Any bytes, at any alignment, are a package or an error: rdu_hw_image_code, and a sentence as in config.h. The image is
 * decoded and each binding checked against its argument. The bytes must stay until the package is freed; no part of the
 * data is read. */
rdu_hw_image_code rdu_hw_package_decode(const void* bytes, size_t size,
                                        rdu_hw_package** out_package, rdu_hw_image_error* error);
/* Only of rdu_hw_package_decode; NULL is fine. */
void rdu_hw_package_free(rdu_hw_package* package);
/* The bindings and the image as text, as rdu_hw_image_print. */
size_t rdu_hw_package_print(const rdu_hw_package* package, char* buffer, size_t capacity);

/* ---- The refusal: what stands in the place of a package where a compiler made none, and why. In the file the header, then
 * the sentence, printable ASCII, to the end. ---- */

#define RDU_HW_REFUSAL_MAGIC "RDU_DECL" /* 8 bytes, without a zero */

typedef struct rdu_hw_refusal_header {
  uint8_t magic[8];
  uint64_t bytes; /* of the whole refusal */
  uint64_t hash;  /* FNV-1a, 64 bits, of everything behind this field */
  uint16_t major; /* as of packages */
  uint16_t minor;
  uint32_t reason; /* a code of the host's */
} rdu_hw_refusal_header;

/* FORMAT where the bytes are something else. Writes at most `capacity` bytes of the sentence, always terminated when there
 * is room for anything. */
rdu_hw_image_code rdu_hw_refusal_decode(const void* bytes, size_t size, uint32_t* out_reason,
                                        char* text, size_t capacity, rdu_hw_image_error* error);

/* ---- Conversions ---- */

/* Moves `count` elements through a conversion, to the chip's form or to the host's. Neither side needs alignment; they must
 * not overlap. Returns `count`, or the number of the first element that has no such form: those before it are moved. */
uint64_t rdu_hw_convert_in(uint32_t conversion, const void* host, void* chip, uint64_t count);
uint64_t rdu_hw_convert_out(uint32_t conversion, const void* chip, void* host, uint64_t count);

#ifdef __cplusplus
}
#endif
#endif
