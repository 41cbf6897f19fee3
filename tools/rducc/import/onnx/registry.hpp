// Which ONNX operators are supported: one table per family, looked up by (domain, name, opset).
#pragma once

#include <cstdint>
#include <string_view>

#include "tools/rducc/import/onnx/op_call.hpp"

namespace rducc::import_onnx {

using ImportFn = void (*)(OpCall&);

struct OpEntry {
  std::string_view domain;  // "" = ai.onnx
  std::string_view name;
  std::int64_t
      since;  // first opset in which this function holds; the highest one <= the model's is taken
  ImportFn import;
};

// The function for an operator, or nullptr.
const OpEntry* find_op(std::string_view domain, std::string_view name, std::int64_t opset);

}  // namespace rducc::import_onnx
