// Name lookup through nested graphs, with explicit captures.
#include "tools/rducc/import/onnx/graph_scope.hpp"

namespace rducc::import_onnx {

ir::ValueId GraphScope::find(const std::string& name) {
  if (const auto found = values_.find(name); found != values_.end()) return found->second;
  if (parent_ == nullptr) return ir::kNone;
  const ir::ValueId outer = parent_->find(name);
  if (outer == ir::kNone || parent_->graph_ == graph_ || builder_.constant(outer)) return outer;
  const auto& value = builder_.value(outer);
  const ir::ValueId inner = builder_.add_input(name, value.dtype, value.dims);
  builder_.variant().values[inner].dim_values = builder_.value(outer).dim_values;
  captures_.push_back({outer, inner});
  values_[name] = inner;
  return inner;
}

bool GraphScope::is_unknown(const std::string& name) const {
  if (unknown_.contains(name)) return true;
  return parent_ != nullptr && !values_.contains(name) && parent_->is_unknown(name);
}

}  // namespace rducc::import_onnx
