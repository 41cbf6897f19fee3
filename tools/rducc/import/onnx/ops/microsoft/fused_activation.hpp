// The activation that a fused operator names in an attribute.
#pragma once

#include <span>
#include <string>

#include "tools/rducc/import/onnx/op_call.hpp"

namespace rducc::import_onnx {

// The activation `name` ("": none) of x; its parameters come in the order of its own attributes.
ValueId fused_activation(OpCall& call, ValueId x, const std::string& name,
                         std::span<const double> parameters);

}  // namespace rducc::import_onnx
