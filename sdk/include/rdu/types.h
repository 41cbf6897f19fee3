/* What both ABIs share: sized structs, dtypes, shapes, tensors. */
#ifndef RDU_TYPES_H
#define RDU_TYPES_H

#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

/* Version of both ABIs. Minor grows when something is appended; major would mean a new world. */
#define RDU_ABI_MAJOR 0
#define RDU_ABI_MINOR 1

#if defined(RDU_STATIC)
#define RDU_API
#elif defined(RDU_BUILDING)
#define RDU_API __attribute__((visibility("default")))
#else
#define RDU_API
#endif

/* Longest shape that a tensor may have. */
#define RDU_MAX_RANK 8

/* Longest domain that a node may have: its parallel loops and those that reduce. */
#define RDU_MAX_LOOPS 16

/* First member of every struct that crosses an ABI. `struct_size` is sizeof as its author compiled it: what lies
 * beyond is unknown to the author and must not be touched. */
typedef struct rdu_header {
  uint32_t struct_size;
  uint16_t major;
  uint16_t minor;
} rdu_header;

#define RDU_HEADER(type) \
  { (uint32_t)sizeof(type), RDU_ABI_MAJOR, RDU_ABI_MINOR }

/* Is pointer-typed or function-typed member `field` of *ptr there and set? */
#define RDU_HAS(ptr, field)                                                                   \
  ((ptr)->header.struct_size >= offsetof(__typeof__(*(ptr)), field) + sizeof((ptr)->field) && \
   (ptr)->field != NULL)

/* An array whose element may grow with the ABI: reached only by RDU_AT. */
typedef struct rdu_array {
  const void* data;
  uint32_t count;
  uint32_t stride_bytes;
} rdu_array;

#define RDU_AT(type, array, i) \
  ((const type*)((const char*)(array).data + (size_t)(i) * (array).stride_bytes))

/* Bytes that are not NUL-terminated, borrowed. */
typedef struct rdu_bytes {
  const void* data;
  uint64_t size;
} rdu_bytes;

/* Element types. The numbers are frozen and appear in files. */
typedef uint32_t rdu_dtype;
#define RDU_DTYPE_NONE 0u
#define RDU_DTYPE_F32 1u
#define RDU_DTYPE_F64 2u
#define RDU_DTYPE_F16 3u
#define RDU_DTYPE_BF16 4u
#define RDU_DTYPE_I8 5u
#define RDU_DTYPE_I16 6u
#define RDU_DTYPE_I32 7u
#define RDU_DTYPE_I64 8u
#define RDU_DTYPE_U8 9u
#define RDU_DTYPE_U16 10u
#define RDU_DTYPE_U32 11u
#define RDU_DTYPE_U64 12u
#define RDU_DTYPE_I4 13u /* two to a byte, low nibble first */
#define RDU_DTYPE_U4 14u
#define RDU_DTYPE_BOOL 15u /* one byte, 0 or 1 */
#define RDU_NUM_DTYPES 16u

typedef struct rdu_context rdu_context;
typedef struct rdu_device rdu_device;
typedef struct rdu_buffer rdu_buffer;
typedef struct rdu_artifact rdu_artifact;
typedef struct rdu_program rdu_program;
typedef struct rdu_state rdu_state;
typedef struct rdu_event rdu_event;
typedef struct rdu_status rdu_status;

#ifdef __cplusplus
}
#endif
#endif
