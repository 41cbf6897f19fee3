// Writes new positions into a cache that keeps its size.
#pragma once

#include "tools/rducc/import/onnx/op_call.hpp"

namespace rducc::import_onnx {

enum class CacheMode {
  kLinear,    // a position beyond the cache fails the run
  kCircular,  // positions wrap around
};

// `update` in place of the positions along `axis` of `cache` from `first` on: an integer per batch
// (dimension 0), or kNone for 0.
ValueId update_cache(ir::Builder& builder, ValueId cache, ValueId update, std::size_t axis,
                     ValueId first, CacheMode mode);

}  // namespace rducc::import_onnx
