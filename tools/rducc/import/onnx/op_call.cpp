// Access to one ONNX node, with errors that say which node.
#include "tools/rducc/import/onnx/op_call.hpp"

#include <onnx/onnx_pb.h>

#include <algorithm>

#include "tools/rducc/import/onnx/function.hpp"
#include "tools/rducc/import/onnx/graph_scope.hpp"
#include "tools/rducc/import/onnx/import_state.hpp"
#include "tools/rducc/import/onnx/input_dependence.hpp"

namespace rducc::import_onnx {
namespace {

using onnx::AttributeProto;

// Messages of the first IR version do not say the type of an attribute.
const AttributeProto* of_type(const OpCall& call, const AttributeProto* attribute,
                              AttributeProto::AttributeType wanted) {
  if (attribute == nullptr || attribute->type() == wanted ||
      attribute->type() == AttributeProto::UNDEFINED) {
    return attribute;
  }
  call.invalid("attribute " + attribute->name() + " is of type " +
               AttributeProto::AttributeType_Name(attribute->type()) + " where " +
               AttributeProto::AttributeType_Name(wanted) + " is expected");
}

}  // namespace

OpCall::OpCall(const onnx::NodeProto& node, std::int64_t opset, ir::Builder& builder,
               GraphScope& scope)
    : node_(node), opset_(opset), builder_(builder), scope_(scope) {}

const std::string& OpCall::op_type() const { return node_.op_type(); }
const std::string& OpCall::domain() const { return node_.domain(); }

std::string OpCall::where() const {
  return op_type() + " '" + node_.name() + "' (opset " + std::to_string(opset_) + ")";
}

std::size_t OpCall::num_inputs() const { return static_cast<std::size_t>(node_.input_size()); }

bool OpCall::has_input(std::size_t i) const {
  return i < num_inputs() && !node_.input(static_cast<int>(i)).empty();
}

Meaning OpCall::meaning(std::size_t i) const {
  if (!has_input(i)) invalid("input " + std::to_string(i) + " is missing");
  const std::string& name = node_.input(static_cast<int>(i));
  const Meaning* meaning = scope_.lookup(name);
  if (meaning == nullptr) invalid("input '" + name + "' is not defined");
  return *meaning;
}

ValueId OpCall::input(std::size_t i) const {
  const ValueId value = tensor_of(meaning(i));
  if (value == ir::kNone) {
    invalid("input '" + node_.input(static_cast<int>(i)) +
            "' is a sequence or an empty optional where a tensor is expected");
  }
  return value;
}

Sequence OpCall::sequence(std::size_t i) const {
  Meaning known = meaning(i);
  auto* sequence = std::get_if<Sequence>(&known);
  if (sequence == nullptr) {
    invalid("input '" + node_.input(static_cast<int>(i)) + "' is no sequence");
  }
  return std::move(*sequence);
}

std::vector<ValueId> OpCall::inputs() const {
  std::vector<ValueId> result;
  for (std::size_t i = 0; i < num_inputs(); ++i) {
    if (has_input(i)) result.push_back(input(i));
  }
  return result;
}

Dims OpCall::dims(std::size_t i) const {
  const auto& value = builder_.value(input(i));
  if (!value.dim_values.empty()) {
    unsupported("input '" + node_.input(static_cast<int>(i)) +
                "' has a dimension whose extent is known at run time only");
  }
  return value.dims;
}

ir::Shape OpCall::shape(std::size_t i) const { return builder_.shape(input(i)); }

rdu_dtype OpCall::dtype(std::size_t i) const { return builder_.dtype(input(i)); }

std::optional<Tensor> OpCall::constant(std::size_t i) const { return builder_.constant(input(i)); }

std::set<std::string> OpCall::want_constant(std::size_t i) const {
  ImportState& state = scope_.state();
  const auto sources = inputs_behind(builder_.variant(), input(i), state.captured);
  state.wanted_inputs.insert(sources.begin(), sources.end());
  return sources;
}

Tensor OpCall::required_constant(std::size_t i, std::string_view what) const {
  if (auto tensor = constant(i)) return *tensor;
  std::string message = std::string(what) + " must be known at compile time";
  for (const std::string& source : want_constant(i)) {
    message += "; it depends on the input '" + source + "': give its value with --fix " + source +
               "=V,… or --data DIR";
  }
  unsupported(message);
}

std::vector<ir::Affine> OpCall::required_integers(std::size_t i, std::string_view what) const {
  // A number that a run decides counts as known where something bounds it: extents do.
  constexpr std::int64_t kFar = (std::int64_t{1} << 31) - 1;
  const auto bounded = [&](const ir::Affine& sum) {
    const ir::Interval range = builder_.range(sum);
    return sum.is_constant() || (range.low > -kFar && range.high < kFar);
  };
  std::vector<ir::Affine> integers;
  if (!constant(i)) {
    const auto known = builder_.integers(input(i));
    if (known && std::all_of(known->begin(), known->end(), bounded)) return *known;
  }
  for (const std::int64_t element : required_constant(i, what).to_i64()) {
    integers.push_back(ir::Affine::of(element));
  }
  return integers;
}

const onnx::AttributeProto* OpCall::find_attr(std::string_view name) const {
  return find_attribute(node_, name, scope_.state().call);
}

bool OpCall::has_attr(std::string_view name) const { return find_attr(name) != nullptr; }

std::int64_t OpCall::attr_i(std::string_view name, std::int64_t fallback) const {
  const auto* attribute = of_type(*this, find_attr(name), AttributeProto::INT);
  return attribute ? attribute->i() : fallback;
}

double OpCall::attr_f(std::string_view name, double fallback) const {
  const auto* attribute = of_type(*this, find_attr(name), AttributeProto::FLOAT);
  return attribute ? attribute->f() : fallback;
}

std::string OpCall::attr_s(std::string_view name, std::string_view fallback) const {
  const auto* attribute = of_type(*this, find_attr(name), AttributeProto::STRING);
  return attribute ? attribute->s() : std::string(fallback);
}

std::vector<std::int64_t> OpCall::attr_ints(std::string_view name,
                                            std::vector<std::int64_t> fallback) const {
  const auto* attribute = of_type(*this, find_attr(name), AttributeProto::INTS);
  if (!attribute) return fallback;
  return {attribute->ints().begin(), attribute->ints().end()};
}

std::vector<double> OpCall::attr_floats(std::string_view name, std::vector<double> fallback) const {
  const auto* attribute = of_type(*this, find_attr(name), AttributeProto::FLOATS);
  if (!attribute) return fallback;
  return {attribute->floats().begin(), attribute->floats().end()};
}

std::vector<std::string> OpCall::attr_strings(std::string_view name) const {
  const auto* attribute = of_type(*this, find_attr(name), AttributeProto::STRINGS);
  if (!attribute) return {};
  return {attribute->strings().begin(), attribute->strings().end()};
}

std::optional<Tensor> OpCall::attr_tensor(std::string_view name) const {
  const auto* attribute = of_type(*this, find_attr(name), AttributeProto::TENSOR);
  if (!attribute || !attribute->has_t()) return std::nullopt;
  const LoadedModel& model = scope_.state().model;
  return to_tensor(attribute->t(), model.proto, model.folder);
}

const onnx::GraphProto* OpCall::attr_graph(std::string_view name) const {
  const auto* attribute = of_type(*this, find_attr(name), AttributeProto::GRAPH);
  return attribute && attribute->has_g() ? &attribute->g() : nullptr;
}

std::size_t OpCall::num_outputs() const { return static_cast<std::size_t>(node_.output_size()); }

bool OpCall::wants_output(std::size_t i) const {
  return i < num_outputs() && !node_.output(static_cast<int>(i)).empty();
}

void OpCall::set_output(std::size_t i, Meaning meaning) {
  if (wants_output(i)) {
    scope_.define(node_.output(static_cast<int>(i)), std::move(meaning));
  }
}

void OpCall::invalid(const std::string& message) const {
  throw CompileError(CompileErrorKind::kInvalid, message);
}

void OpCall::unsupported(const std::string& message) const {
  throw CompileError(CompileErrorKind::kUnsupported, message);
}

std::int64_t normalise_axis(const OpCall& call, std::int64_t axis, std::int64_t rank) {
  if (axis < -rank || axis >= rank) {
    call.invalid("axis " + std::to_string(axis) + " is outside rank " + std::to_string(rank));
  }
  return axis < 0 ? axis + rank : axis;
}

}  // namespace rducc::import_onnx
