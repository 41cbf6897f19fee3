// Shows the vectors of a FlatGraph as the arrays of the plain-C view.
#include "sdk/artifact/flat_graph.hpp"

namespace rdu::artifact {
namespace {

template <class T>
rdu_array array_of(const std::vector<T>& items) {
  return {items.data(), static_cast<std::uint32_t>(items.size()), sizeof(T)};
}

}  // namespace

rdu_graph FlatGraph::view() const {
  rdu_graph graph{};
  graph.header = RDU_HEADER(rdu_graph);
  graph.values = array_of(values);
  graph.encodings = array_of(encodings);
  graph.nodes = array_of(nodes);
  graph.graphs = array_of(graphs);
  graph.loops = array_of(loops);
  graph.reads = array_of(reads);
  graph.writes = array_of(writes);
  graph.indices = array_of(indices);
  graph.terms = array_of(terms);
  graph.instrs = array_of(instrs);
  graph.results = array_of(results);
  graph.ports = array_of(ports);
  graph.value_lists = array_of(value_lists);
  graph.sections = array_of(sections);
  graph.variables = array_of(variables);
  graph.origins = array_of(origins);
  graph.origin_tensors = array_of(origin_tensors);
  graph.origin_lists = array_of(origin_lists);
  return graph;
}

}  // namespace rdu::artifact
