// Counts what there is, and drops what came later.
#include "tools/rducc/import/onnx/trial.hpp"

namespace rducc::import_onnx {

Trial::Trial(ir::Builder& builder, ImportState& state)
    : builder_(builder),
      state_(state),
      graph_(builder.graph()),
      num_graphs_(builder.variant().graphs.size()),
      num_graph_nodes_(builder.variant().graphs[graph_].nodes.size()),
      num_values_(builder.variant().values.size()),
      num_origins_(builder.variant().origins.size()),
      num_problems_(state.problems.size()),
      num_nodes_(state.num_nodes),
      wanted_inputs_(state.wanted_inputs) {}

std::vector<Problem> Trial::problems() const {
  return {state_.problems.begin() + static_cast<std::ptrdiff_t>(num_problems_),
          state_.problems.end()};
}

void Trial::take_back() {
  auto& variant = builder_.variant();
  builder_.set_graph(graph_);
  variant.graphs.resize(num_graphs_);
  variant.graphs[graph_].nodes.resize(num_graph_nodes_);
  builder_.forget_values(static_cast<ir::ValueId>(num_values_));
  variant.origins.resize(num_origins_);
  state_.problems.resize(num_problems_);
  state_.wanted_inputs = wanted_inputs_;
  state_.num_nodes = num_nodes_;
}

}  // namespace rducc::import_onnx
