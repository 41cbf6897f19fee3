// Prefix combinations along one axis.
#pragma once

#include <cstdint>

#include "tools/rducc/ir/builder.hpp"

namespace rducc::import_onnx {

enum class Direction { kForward, kReverse };

// out[i] = x[0] ⊕ … ⊕ x[i] along `axis` (from the end for kReverse), for an associative ⊕ whose
// identity is `identity`, in x's dtype.
ir::ValueId prefix_combine(ir::Builder& builder, ir::ValueId x, std::uint32_t axis,
                           Direction direction, rdu_body_op combine, double identity);

}  // namespace rducc::import_onnx
