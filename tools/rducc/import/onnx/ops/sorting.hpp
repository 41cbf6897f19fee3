// Sorting as a permutation.
#pragma once

#include <cstdint>
#include <vector>

#include "tools/rducc/ir/builder.hpp"

namespace rducc::import_onnx {

enum class Order { kAscending, kDescending };

// Sorts the points along the last of `dims`: result [dims…], I64, the position of the k-th. `keys`
// are reads over those dims, the most significant first. Stable; NaN is largest.
ir::ValueId sort_positions(ir::Builder& builder, const ir::Dims& dims, std::vector<ir::Read> keys,
                           Order order);

}  // namespace rducc::import_onnx
