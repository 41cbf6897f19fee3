// The families of operators that the compiler knows.
#pragma once

#include <span>

#include "tools/rducc/import/onnx/registry.hpp"

namespace rducc::import_onnx {

using Family = std::span<const OpEntry> (*)();

inline constexpr Family kFamilies[] = {activation_ops,  contraction_ops, convolution_ops,
                                       elementwise_ops, unary_ops};

}  // namespace rducc::import_onnx
