/* A described piece of memory: what goes into a run and comes out of it. */
#ifndef RDU_TENSOR_H
#define RDU_TENSOR_H

#include <rdu/status.h>
#include <rdu/types.h>

#ifdef __cplusplus
extern "C" {
#endif

typedef struct rdu_tensor {
  rdu_header header;
  const char* name; /* the input or output that it is for; NULL: the one at its position */
  void* data;       /* host memory, used in place when 64-byte aligned and row-major, else copied */
  uint64_t size_bytes; /* what `data` (or the rest of `buffer`) can hold; 0: exactly what the shape
                          needs */
  rdu_buffer* buffer;  /* device memory; then `data` is NULL */
  uint64_t offset_bytes;  /* into `buffer`, a multiple of 64 */
  const int64_t* strides; /* in elements, `rank` of them, none negative; NULL: row-major */
  rdu_dtype dtype;
  uint32_t rank;
  int64_t shape[RDU_MAX_RANK];
  void* owner; /* set by the runtime where it allocated; nobody else's business */
} rdu_tensor;

/* An output with neither data nor buffer is allocated by the runtime, and freed here; the
 * description stays. Does nothing to a tensor that the runtime did not allocate. May be called
 * after the program has gone. */
RDU_API void rdu_tensor_release(rdu_tensor* tensor);

/* Bytes that a row-major tensor of this shape takes; UINT64_MAX where dtype, rank or an extent is
 * impossible. */
RDU_API uint64_t rdu_tensor_bytes(rdu_dtype dtype, uint32_t rank, const int64_t* shape);

/* "f32" for RDU_DTYPE_F32; "?" for an unknown number. */
RDU_API const char* rdu_dtype_name(rdu_dtype dtype);

/* An array for rdu_run_args. */
#ifdef __cplusplus
static inline rdu_array rdu_tensors(const rdu_tensor* tensors, uint32_t count) {
  return rdu_array{tensors, count, static_cast<uint32_t>(sizeof(rdu_tensor))};
}
#else
static inline rdu_array rdu_tensors(const rdu_tensor* tensors, uint32_t count) {
  return (rdu_array){tensors, count, (uint32_t)sizeof(rdu_tensor)};
}
#endif

#ifdef __cplusplus
}
#endif
#endif
