// Name lookup through nested graphs, with explicit captures.
#include "tools/rducc/import/onnx/graph_scope.hpp"

#include "tools/rducc/import/onnx/import_state.hpp"

namespace rducc::import_onnx {

using ir::ValueId;

const Meaning* GraphScope::lookup(const std::string& name) {
  if (const auto found = meanings_.find(name); found != meanings_.end()) return &found->second;
  if (parent_ == nullptr) return nullptr;
  const Meaning* outer = parent_->lookup(name);
  if (outer == nullptr || parent_->graph_ == graph_) return outer;
  return &(meanings_[name] = bring_in(*outer, name));
}

ValueId GraphScope::find(const std::string& name) {
  const Meaning* meaning = lookup(name);
  return meaning ? tensor_of(*meaning) : ir::kNone;
}

Meaning GraphScope::bring_in(const Meaning& outer, const std::string& name) {
  if (const auto* tensor = std::get_if<ValueId>(&outer)) return capture(*tensor, name);
  Meaning inner = outer;
  if (auto* sequence = std::get_if<Sequence>(&inner)) {
    for (ValueId& element : sequence->elements) element = capture(element, name);
  }
  return inner;
}

// The extents that are known at run time only come along.
ValueId GraphScope::capture(ValueId outer, const std::string& name) {
  if (builder_.constant(outer)) return outer;
  for (const Capture& known : captures_) {
    if (known.outer == outer) return known.inner;
  }
  const std::vector<ValueId> outer_extents = builder_.value(outer).dim_values;
  std::vector<ValueId> extents;
  for (const ValueId extent : outer_extents) {
    extents.push_back(extent == ir::kNone ? ir::kNone : capture(extent, name + ".extent"));
  }
  const ValueId inner =
      builder_.add_input(name, builder_.dtype(outer), ir::Dims(builder_.dims(outer)));
  builder_.variant().values[inner].dim_values = std::move(extents);
  captures_.push_back({outer, inner});
  state_.captured[inner] = outer;
  return inner;
}

bool GraphScope::is_unknown(const std::string& name) const {
  if (unknown_.contains(name)) return true;
  return parent_ != nullptr && !meanings_.contains(name) && parent_->is_unknown(name);
}

}  // namespace rducc::import_onnx
