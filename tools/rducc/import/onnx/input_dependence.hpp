// Which inputs of the model a value is computed from.
#pragma once

#include <map>
#include <set>
#include <string>

#include "sdk/artifact/model.hpp"

namespace rducc::import_onnx {

// `captured` leads from inputs of sub-graphs, whose nodes are not there yet, to what they stand for.
std::set<std::string> inputs_behind(
    const rdu::artifact::Variant& variant, rdu::artifact::ValueId value,
    const std::map<rdu::artifact::ValueId, rdu::artifact::ValueId>& captured);

}  // namespace rducc::import_onnx
