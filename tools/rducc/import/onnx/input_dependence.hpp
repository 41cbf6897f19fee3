// Which inputs of the model a value is computed from.
#pragma once

#include <set>
#include <string>

#include "sdk/artifact/model.hpp"

namespace rducc::import_onnx {

std::set<std::string> inputs_behind(const rdu::artifact::Variant& variant,
                                    rdu::artifact::ValueId value);

}  // namespace rducc::import_onnx
