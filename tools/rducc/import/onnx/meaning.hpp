// What a name of an ONNX graph stands for.
#pragma once

#include <cstdint>
#include <variant>
#include <vector>

#include "tools/rducc/ir/builder.hpp"

namespace rducc::import_onnx {

// A list of tensors. It exists at compile time only: each element is a value of its own.
struct Sequence {
  std::vector<ir::ValueId> elements;
  rdu_dtype dtype = RDU_DTYPE_NONE;  // of the elements, where the model states it
};

// An optional without content.
struct Nothing {};

// An optional with content is its content.
using Meaning = std::variant<ir::ValueId, Sequence, Nothing>;

// kNone where it is no tensor.
inline ir::ValueId tensor_of(const Meaning& meaning) {
  const auto* tensor = std::get_if<ir::ValueId>(&meaning);
  return tensor ? *tensor : ir::kNone;
}

}  // namespace rducc::import_onnx
