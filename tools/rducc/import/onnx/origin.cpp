// Names origins by their path, and judges by its results what a node did.
#include "tools/rducc/import/onnx/origin.hpp"

#include <onnx/onnx_pb.h>

#include <algorithm>

namespace rducc::import_onnx {
namespace {

// A path that would be longer begins further inside: functions may call each other with long names.
constexpr std::size_t kMaxPathBytes = 1024;

// An input of the graph or of the node, or another shape of one.
bool is_old(const rdu::artifact::Variant& variant, ir::ValueId id, std::size_t first_new_value) {
  const auto& value = variant.values[id];
  const ir::ValueId owner = value.storage == ir::kNone ? id : value.storage;
  return owner < first_new_value || variant.values[owner].role == RDU_ROLE_INPUT;
}

}  // namespace

std::string node_path(const ImportState& state, const onnx::NodeProto& node) {
  if (!node.name().empty()) return state.path + node.name();
  return state.path + node.op_type() + (node.output_size() > 0 ? ":" + node.output(0) : "");
}

std::uint32_t begin_origin(const onnx::NodeProto& node, const ImportState& state,
                           ir::Builder& builder) {
  auto& origins = builder.variant().origins;
  const auto number = static_cast<std::uint32_t>(origins.size());
  rdu::artifact::Origin origin;
  origin.name = node_path(state, node);
  origin.op_type = node.op_type();
  origin.domain = node.domain() == "ai.onnx" ? "" : node.domain();
  origin.parent = state.parent;
  builder.set_origin(number, origin.name);
  origins.push_back(std::move(origin));
  return number;
}

void add_tensor(ir::Builder& builder, std::uint32_t origin, std::string name, ir::ValueId value) {
  builder.variant().origins[origin].tensors.push_back({std::move(name), value});
}

void settle_origin(ir::Builder& builder, std::uint32_t number, std::size_t first_new_value) {
  auto& origin = builder.variant().origins[number];
  const auto& tensors = origin.tensors;
  const auto constant = [&](const auto& tensor) {
    return builder.constant(tensor.value).has_value();
  };
  const auto known = [&](const auto& tensor) {
    return constant(tensor) || is_old(builder.variant(), tensor.value, first_new_value);
  };
  if (!tensors.empty() && std::all_of(tensors.begin(), tensors.end(), constant)) {
    origin.fate = RDU_ORIGIN_CONSTANT;
  } else if (std::all_of(tensors.begin(), tensors.end(), known)) {
    origin.fate = RDU_ORIGIN_VIEW;
  }
}

std::uint32_t find_origin(ir::Builder& builder, const std::string& tensor) {
  const auto& origins = builder.variant().origins;
  for (std::size_t i = origins.size(); i-- > 0;) {
    if (origins[i].parent != ir::kNone) continue;
    const auto& tensors = origins[i].tensors;
    const bool yields = std::any_of(tensors.begin(), tensors.end(),
                                    [&](const auto& t) { return t.name == tensor; });
    if (yields) return static_cast<std::uint32_t>(i);
  }
  return ir::kNone;
}

BodyScope::BodyScope(ImportState& state, ir::Builder& builder, const std::string& part)
    : state_(state),
      builder_(builder),
      naming_(builder.naming()),
      parent_(state.parent),
      path_(state.path) {
  state.parent = naming_.origin;
  if (naming_.origin == ir::kNone) return;
  const std::string inner =
      builder.variant().origins[naming_.origin].name + "/" + (part.empty() ? "" : part + "/");
  if (inner.size() <= kMaxPathBytes) state.path = inner;
}

BodyScope::~BodyScope() {
  builder_.set_naming(std::move(naming_));
  state_.parent = parent_;
  state_.path = std::move(path_);
}

}  // namespace rducc::import_onnx
