// The softmax decompositions, for other operators that contain one.
#pragma once

#include <cstdint>
#include <span>

#include "tools/rducc/ir/builder.hpp"

namespace rducc::import_onnx {

// Over `axes` together (non-negative, ascending), in the shape and dtype of x.
ir::ValueId softmax(ir::Builder& builder, ir::ValueId x, std::span<const std::int64_t> axes);
ir::ValueId log_softmax(ir::Builder& builder, ir::ValueId x, std::span<const std::int64_t> axes);

}  // namespace rducc::import_onnx
