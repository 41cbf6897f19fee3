// Imports and evaluates a model of a single ONNX node.
#pragma once

#include <initializer_list>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "tools/rducc/ir/tensor.hpp"

namespace rducc::test {

using ir::Dims;
using ir::Tensor;

Tensor f32(Dims dims, std::vector<double> elements);
Tensor i64(Dims dims, std::vector<std::int64_t> elements);
Tensor of(rdu_dtype dtype, Dims dims, std::vector<std::int64_t> elements);

// How the node gets an operand: bound when the model runs, as an initializer, or not at all.
struct Operand {
  enum class Kind { kGiven, kKnown, kAbsent };
  Kind kind = Kind::kAbsent;
  Tensor tensor;
};
Operand given(Tensor tensor);
Operand known(Tensor tensor);
Operand absent();

using AttributeValue =
    std::variant<std::int64_t, float, std::string, std::vector<std::int64_t>, std::vector<float>>;
using Attribute = std::pair<std::string, AttributeValue>;

struct OneOp {
  std::string type;
  std::int64_t opset = 13;
  std::vector<Operand> operands = {};
  std::vector<Attribute> attributes = {};
  std::size_t num_outputs = 1;
  std::string domain = {};  // "" is ai.onnx, whose opset is `opset`; of others it is 1
  std::set<std::size_t> unnamed_outputs = {};
};

// The outputs, or what was wrong with the node.
struct OneOpResult {
  std::vector<Tensor> outputs;
  std::string problem;                // "" if there was none
  bool unsupported = false;           // the problem is a limit of the compiler
  std::vector<rdu_pattern> patterns;  // of the nodes that the operator became
};

OneOpResult run(const OneOp& op);

// The first output's elements; a failure of the test where there is a problem.
std::vector<double> elements(const OneOp& op);
Dims shape(const OneOp& op);

}  // namespace rducc::test
