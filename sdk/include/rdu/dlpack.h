/* DLPack in and out, without copying. Needs no DLPack header here: who calls these has one. */
#ifndef RDU_DLPACK_H
#define RDU_DLPACK_H

#include <rdu/status.h>
#include <rdu/tensor.h>
#include <rdu/types.h>

#ifdef __cplusplus
extern "C" {
#endif

/* The managed tensor of dlpack.h before its versioned successor: the layout of DLPack 0.2 to 0.8
 * and of 1.x. */
struct DLManagedTensor;

/* Describes `managed` (host memory only) as a tensor that borrows its memory and strides: `managed`
 * stays the caller's and must outlive the tensor. UNSUPPORTED for another device, lanes or dtype;
 * DLPack has no negative or overlapping strides that a run could write to, so outputs must be
 * row-major. */
RDU_API rdu_status* rdu_tensor_from_dlpack(const struct DLManagedTensor* managed,
                                           rdu_tensor* out_tensor);

/* Moves an output that the runtime allocated into a managed tensor whose deleter frees it; `tensor`
 * then no longer owns it. INVALID_ARGUMENT for memory that is the caller's. */
RDU_API rdu_status* rdu_tensor_to_dlpack(rdu_tensor* tensor, struct DLManagedTensor** out_managed);

#ifdef __cplusplus
}
#endif
#endif
