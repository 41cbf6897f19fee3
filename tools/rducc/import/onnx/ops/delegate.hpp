// Imports another operator on behalf of a call: much of com.microsoft is an operator of ai.onnx
// with something before or after it.
#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <string_view>
#include <vector>

#include "tools/rducc/import/onnx/op_call.hpp"

namespace rducc::import_onnx {

class Delegate {
 public:
  // An operator at an opset of its domain, ai.onnx where none is given; it starts without attributes.
  Delegate(OpCall& call, std::string_view op_type, std::int64_t opset,
           std::string_view domain = {});
  ~Delegate();

  Delegate& inherit();  // all attributes of the call
  Delegate& set(std::string_view name, std::int64_t value);
  Delegate& set(std::string_view name, double value);
  Delegate& set(std::string_view name, std::span<const std::int64_t> values);

  // Its outputs; operands that are kNone are absent.
  std::vector<ValueId> run(std::span<const ValueId> operands, std::size_t num_outputs);
  ValueId run(std::initializer_list<ValueId> operands);

 private:
  std::string name_of(ValueId operand, std::size_t position) const;
  onnx::AttributeProto& attribute(std::string_view name);

  OpCall& call_;
  std::int64_t opset_;
  std::unique_ptr<onnx::NodeProto> node_;
};

// Input i, or kNone where it is absent.
ValueId input_or_none(const OpCall& call, std::size_t i);

}  // namespace rducc::import_onnx
