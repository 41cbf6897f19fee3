// K and I: scan and control, where values of one graph meet those of another.
#include <algorithm>
#include <optional>
#include <vector>

#include "sdk/artifact/validate/checks.hpp"
#include "sdk/artifact/validate/parts.hpp"
#include "sdk/base/dtype.hpp"

namespace rdu::artifact {
namespace {

using base::Result;

// Results are searched one by one.
constexpr std::uint32_t kMaxPorts = 1024;

// The parts that neither has, and the writes: each result of a port once, in the order of the ports.
Result<void> check_shape(const NodeScope& scope, const char* rule) {
  RDU_TRY(require_absent(scope, rule, kReads | kBody | kEpilogue | kScatterBase | kCombine));
  if (scope.node.num_writes == 0) return scope.broken(rule, "it yields nothing");
  if (scope.node.num_ports > kMaxPorts) {
    return scope.broken(rule, "%u ports, the limit is %u", scope.node.num_ports, kMaxPorts);
  }
  std::vector<std::uint32_t> results;
  for (const rdu_port& port : scope.ports()) {
    const bool seen = std::ranges::find(results, port.result) != results.end();
    if (port.result != RDU_NONE && !seen) results.push_back(port.result);
  }
  bool same = results.size() == scope.node.num_writes;
  for (std::uint32_t i = 0; same && i < results.size(); ++i) {
    same = scope.writes()[i].value == results[i];
  }
  if (same) return {};
  return scope.broken(rule, "its writes are not the results of its ports, in order");
}

// The inputs of the graph in `slot` are the inner_in of that slot's ports, each once.
Result<void> check_graph_inputs(const NodeScope& scope, const char* rule, std::uint32_t slot) {
  const auto& graph = at<rdu_subgraph>(scope.graph.graphs, scope.node.graphs[slot]);
  std::vector<std::uint32_t> expected;
  for (const rdu_port& port : scope.ports()) {
    if (port.slot == slot && port.inner_in != RDU_NONE) expected.push_back(port.inner_in);
  }
  std::vector<std::uint32_t> inputs;
  for (const std::uint32_t id : list(scope.graph, graph.first_input, graph.num_inputs)) {
    inputs.push_back(id);
  }
  std::ranges::sort(expected);
  std::ranges::sort(inputs);
  if (expected == inputs && std::ranges::adjacent_find(inputs) == inputs.end()) return {};
  return scope.broken(rule, "the inputs of graph %u are not what its ports bring, each once",
                      scope.node.graphs[slot]);
}

Result<void> check_graph_outputs(const NodeScope& scope, const char* rule, std::uint32_t slot) {
  const auto& graph = at<rdu_subgraph>(scope.graph.graphs, scope.node.graphs[slot]);
  std::vector<std::uint32_t> outputs;
  for (const std::uint32_t id : list(scope.graph, graph.first_output, graph.num_outputs)) {
    outputs.push_back(id);
  }
  std::ranges::sort(outputs);
  for (const rdu_port& port : scope.ports()) {
    if (port.slot != slot || port.inner_out == RDU_NONE) continue;
    if (!std::ranges::binary_search(outputs, port.inner_out)) {
      return scope.broken(rule, "value %u is no output of graph %u", port.inner_out,
                          scope.node.graphs[slot]);
    }
  }
  return {};
}

// Is `part` the type of `whole` without dimension `axis`, which has `extent`?
bool is_slice_of(const rdu_value& part, const rdu_value& whole, std::int32_t axis,
                 std::int64_t extent) {
  if (axis < 0 || static_cast<std::uint32_t>(axis) >= whole.rank) return false;
  if (part.dtype != whole.dtype || part.rank + 1 != whole.rank) return false;
  if (whole.dims[axis] != extent) return false;
  for (std::uint32_t dim = 0; dim < part.rank; ++dim) {
    const std::uint32_t other = dim + (dim >= static_cast<std::uint32_t>(axis) ? 1 : 0);
    if (part.dims[dim] != whole.dims[other]) return false;
    if ((part.dim_values[dim] == RDU_NONE) != (whole.dim_values[other] == RDU_NONE)) return false;
  }
  return true;
}

class PortCheck {
 public:
  PortCheck(const NodeScope& scope, std::uint32_t number)
      : scope_(scope), port_(scope.ports()[number]), number_(number) {}

  Result<void> in_scan(std::int64_t trips) const {
    if (port_.slot != 0 || port_.reverse > 1) return wrong("K3", "its slot or direction");
    switch (port_.kind) {
      case RDU_PORT_CAPTURE:
        return check_capture("K4");
      case RDU_PORT_CARRIED:
        if (!has(true, true, true) || !same(port_.outer, port_.inner_in) ||
            !same(port_.outer, port_.inner_out) ||
            (port_.result != RDU_NONE && !same(port_.outer, port_.result))) {
          return wrong("K5", "a carried value changes its type");
        }
        return {};
      case RDU_PORT_SLICE:
        if (!has(true, true, false) || port_.result != RDU_NONE ||
            !is_slice_of(value(port_.inner_in), value(port_.outer), port_.axis, trips)) {
          return wrong("K6", "the slice does not fit the value along its axis");
        }
        return {};
      case RDU_PORT_STACK:
        if (!has(false, false, true) || port_.result == RDU_NONE ||
            !is_slice_of(value(port_.inner_out), value(port_.result), port_.axis, trips)) {
          return wrong("K7", "what is stacked does not fit the result along its axis");
        }
        return {};
      case RDU_PORT_INDEX:
        if (!has(false, true, false) || port_.result != RDU_NONE ||
            !is_scalar_of(value(port_.inner_in), RDU_DTYPE_I64)) {
          return wrong("K8", "the iteration is an i64 scalar inside");
        }
        return {};
      case RDU_PORT_KEEP:
        return check_keep();
      default:
        return wrong("K3", "this kind is not for scan");
    }
  }

  Result<void> in_control(std::uint32_t num_slots) const {
    if (port_.slot >= num_slots || port_.reverse != 0) {
      return wrong("I3", "its slot or direction");
    }
    if (port_.kind == RDU_PORT_CAPTURE) return check_capture("I4");
    if (port_.kind != RDU_PORT_RESULT) return wrong("I3", "this kind is not for control");
    if (!has(false, false, true) || port_.result == RDU_NONE ||
        !same(port_.result, port_.inner_out)) {
      return wrong("I5", "the result has another type than what the graph yields");
    }
    return {};
  }

 private:
  base::Error wrong(const char* rule, const char* why) const {
    return scope_.broken(rule, "port %u (kind %u): %s", number_, port_.kind, why);
  }

  const rdu_value& value(std::uint32_t id) const { return scope_.value(id); }
  bool same(std::uint32_t a, std::uint32_t b) const { return same_type(value(a), value(b)); }

  bool has(bool outer, bool inner_in, bool inner_out) const {
    return (port_.outer != RDU_NONE) == outer && (port_.inner_in != RDU_NONE) == inner_in &&
           (port_.inner_out != RDU_NONE) == inner_out;
  }

  Result<void> check_capture(const char* rule) const {
    if (has(true, true, false) && port_.result == RDU_NONE && same(port_.outer, port_.inner_in)) {
      return {};
    }
    return wrong(rule, "a capture has one value outside and one of its type inside");
  }

  Result<void> check_keep() const {
    const auto is_flag = [&](std::uint32_t id) {
      return id == RDU_NONE || is_scalar_of(value(id), RDU_DTYPE_BOOL);
    };
    if (port_.inner_out == RDU_NONE || port_.result != RDU_NONE || !is_flag(port_.outer) ||
        !is_flag(port_.inner_in) || !is_flag(port_.inner_out)) {
      return wrong("K9", "the stop value is a bool scalar");
    }
    return {};
  }

  const NodeScope& scope_;
  const rdu_port& port_;
  std::uint32_t number_;
};

// A control node's result comes from every branch exactly once.
Result<void> check_branches(const NodeScope& scope, std::uint32_t num_slots) {
  std::vector<std::uint32_t> seen[2];
  for (const rdu_port& port : scope.ports()) {
    if (port.kind == RDU_PORT_RESULT) seen[port.slot].push_back(port.result);
  }
  for (auto& results : seen) std::ranges::sort(results);
  const bool repeated = std::ranges::adjacent_find(seen[0]) != seen[0].end();
  if (repeated || (num_slots == 2 && seen[0] != seen[1])) {
    return scope.broken("I6", "the branches do not yield the same results, each once");
  }
  return {};
}

}  // namespace

base::Result<void> check_scan(const NodeScope& scope) {
  const rdu_node& node = scope.node;
  RDU_TRY(check_shape(scope, "K1"));
  if (node.graphs[0] == RDU_NONE || node.graphs[1] != RDU_NONE) {
    return scope.broken("K2", "a scan has one sub-graph");
  }
  if (node.num_loops != 1 || node.num_parallel != 0) {
    return scope.broken("K2", "a scan has one loop, its count, which is not parallel");
  }
  if (node.condition != RDU_NONE && !is_scalar_of(scope.value(node.condition), RDU_DTYPE_I64)) {
    return scope.broken("K2", "the trip count, value %u, is no i64 scalar", node.condition);
  }
  std::uint32_t num_once[2] = {0, 0};
  for (std::uint32_t i = 0; i < node.num_ports; ++i) {
    RDU_TRY(PortCheck(scope, i).in_scan(scope.loops()[0].extent));
    if (scope.ports()[i].kind == RDU_PORT_INDEX) ++num_once[0];
    if (scope.ports()[i].kind == RDU_PORT_KEEP) ++num_once[1];
  }
  if (num_once[0] > 1 || num_once[1] > 1) {
    return scope.broken("K3", "the iteration or the stop value comes twice");
  }
  RDU_TRY(check_graph_inputs(scope, "K10", 0));
  return check_graph_outputs(scope, "K10", 0);
}

base::Result<void> check_control(const NodeScope& scope) {
  const rdu_node& node = scope.node;
  RDU_TRY(check_shape(scope, "I1"));
  if (node.num_loops != 0) return scope.broken("I1", "it has loops");
  const bool chooses = node.condition != RDU_NONE;
  if (node.graphs[0] == RDU_NONE || chooses != (node.graphs[1] != RDU_NONE)) {
    return scope.broken("I2", "a choice has two sub-graphs, a call one");
  }
  if (chooses && !is_scalar_of(scope.value(node.condition), RDU_DTYPE_BOOL)) {
    return scope.broken("I2", "the condition, value %u, is no bool scalar", node.condition);
  }
  const std::uint32_t num_slots = chooses ? 2 : 1;
  for (std::uint32_t i = 0; i < node.num_ports; ++i) {
    RDU_TRY(PortCheck(scope, i).in_control(num_slots));
  }
  RDU_TRY(check_branches(scope, num_slots));
  for (std::uint32_t slot = 0; slot < num_slots; ++slot) {
    RDU_TRY(check_graph_inputs(scope, "I7", slot));
    RDU_TRY(check_graph_outputs(scope, "I7", slot));
  }
  return {};
}

}  // namespace rdu::artifact
