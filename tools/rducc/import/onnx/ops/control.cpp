// If, Loop and Scan: sub-graphs that are picked or repeated, in place where the choice is known.
#include <algorithm>

#include "tools/rducc/import/onnx/ops/operands.hpp"
#include "tools/rducc/import/onnx/registry.hpp"
#include "tools/rducc/import/onnx/sub_graph.hpp"

namespace rducc::import_onnx {
namespace {

using rdu::artifact::Port;

void add_captures(ir::Node& node, const SubGraph& body, std::uint32_t slot) {
  for (const auto& capture : body.captures) {
    Port port;
    port.kind = RDU_PORT_CAPTURE;
    port.slot = slot;
    port.outer = capture.outer;
    port.inner_in = capture.inner;
    node.ports.push_back(port);
  }
}

const onnx::GraphProto& required_graph(const OpCall& call, std::string_view name) {
  const onnx::GraphProto* graph = call.attr_graph(name);
  if (!graph) call.invalid("has no attribute " + std::string(name));
  return *graph;
}

// --- If -------------------------------------------------------------------------------------------

void emit_choice(OpCall& call, const onnx::GraphProto& then_graph,
                 const onnx::GraphProto& else_graph) {
  ir::Builder& b = call.b();
  const SubGraph branches[] = {import_sub_graph(call, then_graph, {}),
                               import_sub_graph(call, else_graph, {})};
  ir::Node node;
  node.pattern = RDU_PATTERN_CONTROL;
  node.condition = b.reshape(call.input(0), {});
  for (std::uint32_t slot = 0; slot < 2; ++slot) {
    node.graphs[slot] = branches[slot].graph;
    add_captures(node, branches[slot], slot);
  }
  std::vector<ValueId> results;
  for (std::size_t i = 0; i < branches[0].outputs.size(); ++i) {
    const ValueId yes = branches[0].outputs[i], no = branches[1].outputs[i];
    if (b.dims(yes) != b.dims(no) || b.dtype(yes) != b.dtype(no)) {
      call.unsupported("branches that yield shapes " + to_text(b.dims(yes)) + " and " +
                       to_text(b.dims(no)));
    }
    results.push_back(b.add_value(b.dtype(yes), Dims(b.dims(yes))));
    for (std::uint32_t slot = 0; slot < 2; ++slot) {
      Port port;
      port.kind = RDU_PORT_RESULT;
      port.slot = slot;
      port.result = results[i];
      port.inner_out = branches[slot].outputs[i];
      node.ports.push_back(port);
    }
    node.writes.push_back({results[i], {}});
  }
  b.add_node(std::move(node));
  for (std::size_t i = 0; i < results.size(); ++i) call.set_output(i, results[i]);
}

void import_if(OpCall& call) {
  const onnx::GraphProto& then_graph = required_graph(call, "then_branch");
  const onnx::GraphProto& else_graph = required_graph(call, "else_branch");
  if (num_graph_outputs(then_graph) != call.num_outputs() ||
      num_graph_outputs(else_graph) != call.num_outputs()) {
    call.invalid("its branches do not yield " + std::to_string(call.num_outputs()) + " values");
  }
  const auto condition = call.constant(0);
  if (!condition) return emit_choice(call, then_graph, else_graph);
  const std::vector<std::int64_t> known = condition->to_i64();
  if (known.size() != 1) call.invalid("the condition is not a scalar");
  const std::vector<ValueId> results =
      inline_sub_graph(call, known[0] ? then_graph : else_graph, {});
  for (std::size_t i = 0; i < results.size(); ++i) call.set_output(i, results[i]);
}

// --- Scan -----------------------------------------------------------------------------------------

// Where a list of one entry per scan input or output has its i-th.
std::int64_t entry(const OpCall& call, std::string_view name, std::size_t i) {
  const std::vector<std::int64_t> values = call.attr_ints(name);
  return i < values.size() ? values[i] : 0;
}

struct ScanShape {
  std::size_t num_scanned = 0, num_states = 0, num_stacked = 0;
  std::int64_t trips = 0;
  std::vector<std::int32_t> axes;  // of the scanned inputs
};

ScanShape read_scan(const OpCall& call, const onnx::GraphProto& body) {
  ScanShape s;
  const std::int64_t scanned = call.attr_i("num_scan_inputs", 0);
  if (scanned < 1 || static_cast<std::size_t>(scanned) > call.num_inputs()) {
    call.invalid("num_scan_inputs = " + std::to_string(scanned));
  }
  s.num_scanned = static_cast<std::size_t>(scanned);
  s.num_states = call.num_inputs() - s.num_scanned;
  if (num_graph_inputs(body) != call.num_inputs() || num_graph_outputs(body) < s.num_states ||
      num_graph_outputs(body) != call.num_outputs()) {
    call.invalid("its body does not fit its inputs and outputs");
  }
  s.num_stacked = num_graph_outputs(body) - s.num_states;
  for (std::size_t i = 0; i < s.num_scanned; ++i) {
    const std::size_t input = s.num_states + i;
    s.axes.push_back(static_cast<std::int32_t>(
        normalise_axis(call, entry(call, "scan_input_axes", i), call.rank(input))));
    const std::int64_t extent = call.dims(input)[static_cast<std::size_t>(s.axes[i])];
    if (i > 0 && extent != s.trips) call.invalid("its scan inputs differ in length");
    s.trips = extent;
  }
  return s;
}

std::vector<SubInput> body_inputs(const OpCall& call, const ScanShape& s) {
  std::vector<SubInput> inputs;
  for (std::size_t i = 0; i < call.num_inputs(); ++i) {
    Dims dims = call.dims(i);
    if (i >= s.num_states) dims.erase(dims.begin() + s.axes[i - s.num_states]);
    inputs.push_back({call.dtype(i), std::move(dims)});
  }
  return inputs;
}

Port sliced_port(const OpCall& call, const ScanShape& s, const SubGraph& body, std::size_t i) {
  Port port;
  port.kind = RDU_PORT_SLICE;
  port.outer = call.input(s.num_states + i);
  port.inner_in = body.inputs[s.num_states + i];
  port.axis = s.axes[i];
  port.reverse = entry(call, "scan_input_directions", i) != 0;
  return port;
}

Port carried_port(OpCall& call, const SubGraph& body, std::size_t i) {
  Port port;
  port.kind = RDU_PORT_CARRIED;
  port.outer = call.input(i);
  port.inner_in = body.inputs[i];
  port.inner_out = body.outputs[i];
  const Dims dims = call.b().dims(port.inner_out);
  if (dims != call.dims(i)) {
    call.unsupported("a carried value whose shape changes from " + to_text(call.dims(i)) + " to " +
                     to_text(dims));
  }
  port.result = call.b().add_value(call.dtype(i), dims);
  return port;
}

Port stacked_port(OpCall& call, const ScanShape& s, const SubGraph& body, std::size_t i) {
  Port port;
  port.kind = RDU_PORT_STACK;
  port.inner_out = body.outputs[s.num_states + i];
  Dims dims = call.b().dims(port.inner_out);
  port.axis = static_cast<std::int32_t>(normalise_axis(call, entry(call, "scan_output_axes", i),
                                                       static_cast<std::int64_t>(dims.size()) + 1));
  port.reverse = entry(call, "scan_output_directions", i) != 0;
  dims.insert(dims.begin() + port.axis, s.trips);
  port.result = call.b().add_value(call.b().dtype(port.inner_out), std::move(dims));
  return port;
}

void import_scan(OpCall& call) {
  const onnx::GraphProto& graph = required_graph(call, "body");
  const ScanShape s = read_scan(call, graph);
  const SubGraph body = import_sub_graph(call, graph, body_inputs(call, s));
  ir::Node node;
  node.pattern = RDU_PATTERN_SCAN;
  node.loops = {{s.trips, ir::kNone, RDU_LOOP_PLAIN}};
  node.graphs[0] = body.graph;
  add_captures(node, body, 0);
  for (std::size_t i = 0; i < s.num_scanned; ++i) {
    node.ports.push_back(sliced_port(call, s, body, i));
  }
  for (std::size_t i = 0; i < body.outputs.size(); ++i) {
    node.ports.push_back(i < s.num_states ? carried_port(call, body, i)
                                          : stacked_port(call, s, body, i - s.num_states));
    node.writes.push_back({node.ports.back().result, {}});
    call.set_output(i, node.ports.back().result);
  }
  call.b().add_node(std::move(node));
}

// --- Loop -----------------------------------------------------------------------------------------

// The longest Loop that is unrolled. Its shapes may change from step to step, its condition and its
// count must be known.
constexpr std::int64_t kMostUnrolled = 64;

bool known_true(const ir::Builder& b, ValueId condition) {
  const auto value = b.constant(condition);
  return value && value->to_i64() == std::vector<std::int64_t>{1};
}

void import_loop(OpCall& call) {
  ir::Builder& b = call.b();
  const onnx::GraphProto& graph = required_graph(call, "body");
  const std::size_t num_carried = call.num_inputs() < 2 ? 0 : call.num_inputs() - 2;
  if (num_graph_inputs(graph) != num_carried + 2 ||
      num_graph_outputs(graph) != call.num_outputs() + 1) {
    call.invalid("its body does not fit its inputs and outputs");
  }
  std::int64_t trips = kMostUnrolled + 1;
  if (call.has_input(0)) {
    const std::vector<std::int64_t> count = call.required_constant(0, "the trip count").to_i64();
    if (count.size() != 1) call.invalid("the trip count is not a scalar");
    trips = std::min(trips, count[0]);
  }
  ValueId condition = call.has_input(1) ? call.input(1) : b.scalar(RDU_DTYPE_BOOL, 1);
  std::vector<ValueId> carried;
  for (std::size_t i = 0; i < num_carried; ++i) carried.push_back(call.input(2 + i));
  std::vector<std::vector<ValueId>> stacked(call.num_outputs() - num_carried);
  for (std::int64_t i = 0; i < trips; ++i) {
    if (i == 0 && call.has_input(1)) call.required_constant(1, "the condition");
    if (!b.constant(condition)) call.unsupported("a condition that is known at run time only");
    if (!known_true(b, condition)) break;
    if (i == kMostUnrolled) {
      call.unsupported("more than " + std::to_string(kMostUnrolled) + " iterations");
    }
    std::vector<ValueId> inputs{b.scalar(RDU_DTYPE_I64, static_cast<double>(i)), condition};
    inputs.insert(inputs.end(), carried.begin(), carried.end());
    const std::vector<ValueId> outputs = inline_sub_graph(call, graph, inputs);
    condition = outputs[0];
    for (std::size_t k = 0; k < num_carried; ++k) carried[k] = outputs[1 + k];
    for (std::size_t k = 0; k < stacked.size(); ++k) {
      Dims dims = b.dims(outputs[1 + num_carried + k]);
      dims.insert(dims.begin(), 1);
      stacked[k].push_back(b.reshape(outputs[1 + num_carried + k], dims));
    }
  }
  for (std::size_t i = 0; i < num_carried; ++i) call.set_output(i, carried[i]);
  for (std::size_t k = 0; k < stacked.size(); ++k) {
    if (stacked[k].empty()) call.unsupported("a loop that never runs and stacks outputs");
    call.set_output(num_carried + k, b.concat(stacked[k], 0));
  }
}

constexpr OpEntry kOps[] = {
    {"", "If", 1, import_if},
    {"", "Loop", 1, import_loop},
    {"", "Scan", 9, import_scan},
};

}  // namespace

std::span<const OpEntry> control_ops() { return kOps; }

}  // namespace rducc::import_onnx
