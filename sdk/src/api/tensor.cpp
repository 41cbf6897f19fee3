// rdu_tensor_* and the facts about element types.
#include <rdu/tensor.h>

#include <limits>
#include <span>

#include "sdk/base/dtype.hpp"
#include "sdk/src/runtime/output_block.hpp"

extern "C" {

void rdu_tensor_release(rdu_tensor* tensor) {
  if (!tensor || !tensor->owner) return;
  static_cast<rdu::runtime::OutputBlock*>(tensor->owner)->release();
  tensor->owner = nullptr;
  tensor->data = nullptr;
  tensor->size_bytes = 0;
}

uint64_t rdu_tensor_bytes(rdu_dtype dtype, uint32_t rank, const int64_t* shape) {
  constexpr uint64_t kImpossible = std::numeric_limits<uint64_t>::max();
  if (rank > RDU_MAX_RANK || (rank > 0 && !shape)) return kImpossible;
  return rdu::base::storage_bytes(dtype, std::span(shape, rank)).value_or(kImpossible);
}

const char* rdu_dtype_name(rdu_dtype dtype) { return rdu::base::dtype_name(dtype); }

}  // extern "C"
