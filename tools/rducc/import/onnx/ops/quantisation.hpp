// Rounding to a quantised dtype, as every operator with a quantised result does it.
#pragma once

#include "tools/rducc/ir/builder.hpp"

namespace rducc::import_onnx {

// saturate(round(scaled) + zero_point), ties to even; no zero point where it is null.
ir::Reg requantise(ir::Body& b, ir::Reg scaled, const ir::Reg* zero_point, rdu_dtype dtype);

}  // namespace rducc::import_onnx
