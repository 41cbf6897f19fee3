// One ONNX node being imported: its inputs as values of the IR, its attributes, and where its
// outputs go. An operator is one function `void import_x(OpCall& call)` in ops/, registered in its
// family's table.
#pragma once

#include <cstdint>
#include <initializer_list>
#include <optional>
#include <set>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "tools/rducc/import/onnx/meaning.hpp"
#include "tools/rducc/ir/builder.hpp"
#include "tools/rducc/ir/error.hpp"

namespace onnx {
class AttributeProto;
class GraphProto;
class NodeProto;
}  // namespace onnx

namespace rducc::import_onnx {

using ir::Body;
using ir::Dims;
using ir::Reg;
using ir::Tensor;
using ir::ValueId;

class GraphScope;  // names → values of one (sub-)graph

class OpCall {
 public:
  OpCall(const onnx::NodeProto& node, std::int64_t opset, ir::Builder& builder, GraphScope& scope);

  const std::string& op_type() const;
  const std::string& domain() const;
  const onnx::NodeProto& node() const { return node_; }
  std::string where() const;                     // "Conv 'conv1' (opset 13)" for messages
  std::int64_t opset() const { return opset_; }  // of the node's domain
  ir::Builder& b() { return builder_; }

  // Inputs. An absent optional input is "" or beyond the list: has_input is false.
  std::size_t num_inputs() const;
  bool has_input(std::size_t i) const;
  ValueId input(std::size_t i) const;   // throws CompileError kInvalid where absent
  std::vector<ValueId> inputs() const;  // all present ones in order
  // The extents; throws kUnsupported where one is known at run time only (operators that carry
  // such extents along leave them to the builder).
  Dims dims(std::size_t i) const;
  // The same with those that are known at run time only.
  ir::Shape shape(std::size_t i) const;
  rdu_dtype dtype(std::size_t i) const;
  // Where it may be a sequence or an empty optional.
  Meaning meaning(std::size_t i) const;
  Sequence sequence(std::size_t i) const;  // throws kInvalid where it is none
  std::int64_t rank(std::size_t i) const {
    return static_cast<std::int64_t>(builder_.dims(input(i)).size());
  }
  // Content known at compile time, else nullopt.
  std::optional<Tensor> constant(std::size_t i) const;
  // The same where an operator cannot do without: throws kUnsupported naming the input and the flag
  // (--fix, --data).
  Tensor required_constant(std::size_t i, std::string_view what) const;
  // Integers that are known at compile time, or sums of run-time extents; throws as above otherwise.
  std::vector<ir::Affine> required_integers(std::size_t i, std::string_view what) const;
  // Notes that the inputs of the model behind an input had better be known, and returns their names.
  std::set<std::string> want_constant(std::size_t i) const;

  // Attributes.
  bool has_attr(std::string_view name) const;
  std::int64_t attr_i(std::string_view name, std::int64_t fallback) const;
  double attr_f(std::string_view name, double fallback) const;  // the float32's value exactly
  std::string attr_s(std::string_view name, std::string_view fallback) const;
  std::vector<std::int64_t> attr_ints(std::string_view name,
                                      std::vector<std::int64_t> fallback = {}) const;
  std::vector<double> attr_floats(std::string_view name, std::vector<double> fallback = {}) const;
  std::vector<std::string> attr_strings(std::string_view name) const;
  std::optional<Tensor> attr_tensor(std::string_view name) const;
  const onnx::GraphProto* attr_graph(std::string_view name) const;

  // Outputs.
  std::size_t num_outputs() const;
  bool wants_output(std::size_t i) const;  // listed and named
  void set_output(std::size_t i, Meaning meaning);

  // For sub-graphs (sub_graph.hpp).
  GraphScope& scope() { return scope_; }

  [[noreturn]] void invalid(const std::string& message) const;
  [[noreturn]] void unsupported(const std::string& message) const;

 private:
  const onnx::AttributeProto* find_attr(std::string_view name) const;
  const onnx::NodeProto& node_;
  std::int64_t opset_;
  ir::Builder& builder_;
  GraphScope& scope_;
};

// axis in [-rank, rank) → [0, rank); throws kInvalid otherwise.
std::int64_t normalise_axis(const OpCall& call, std::int64_t axis, std::int64_t rank);

}  // namespace rducc::import_onnx
