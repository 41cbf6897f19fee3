// Collects the ports of a scan and emits its node.
#include "tools/rducc/import/onnx/ops/scan_builder.hpp"

#include <algorithm>

namespace rducc::import_onnx {

using ir::Dims;
using ir::ValueId;
using rdu::artifact::Port;

ScanBuilder::ScanBuilder(ir::Builder& builder, std::int64_t trips)
    : builder_(builder), outer_graph_(builder.graph()), graph_(builder.new_graph()), trips_(trips) {
  builder.set_graph(graph_);
}

ValueId ScanBuilder::bring_in(ValueId outer, Dims dims, Port port) {
  const rdu_dtype dtype = outer == ir::kNone ? RDU_DTYPE_I64 : builder_.dtype(outer);
  port.outer = outer;
  port.inner_in = builder_.add_input("", dtype, std::move(dims));
  builder_.variant().graphs[graph_].inputs.push_back(port.inner_in);
  ports_.push_back(port);
  return port.inner_in;
}

ValueId ScanBuilder::capture(ValueId outer) {
  if (builder_.constant(outer)) return outer;
  for (const Port& port : ports_) {
    if (port.kind == RDU_PORT_CAPTURE && port.outer == outer) return port.inner_in;
  }
  Port port;
  port.kind = RDU_PORT_CAPTURE;
  return bring_in(outer, builder_.dims(outer), port);
}

ValueId ScanBuilder::slice(ValueId outer, std::int32_t axis, bool reverse) {
  Port port;
  port.kind = RDU_PORT_SLICE;
  port.axis = axis;
  port.reverse = reverse;
  Dims dims = builder_.dims(outer);
  dims.erase(dims.begin() + axis);
  return bring_in(outer, std::move(dims), port);
}

ValueId ScanBuilder::carry(ValueId initial) {
  Port port;
  port.kind = RDU_PORT_CARRIED;
  return bring_in(initial, builder_.dims(initial), port);
}

ValueId ScanBuilder::index() {
  Port port;
  port.kind = RDU_PORT_INDEX;
  return bring_in(ir::kNone, {}, port);
}

ValueId ScanBuilder::output(ValueId value) {
  std::vector<ValueId>& outputs = builder_.variant().graphs[graph_].outputs;
  if (std::find(outputs.begin(), outputs.end(), value) != outputs.end()) return value;
  const ValueId result = builder_.own(value, outputs);
  builder_.variant().graphs[graph_].outputs.push_back(result);
  return result;
}

void ScanBuilder::set_next(ValueId inside, ValueId next) {
  const auto carried = std::find_if(ports_.begin(), ports_.end(), [inside](const Port& port) {
    return port.kind == RDU_PORT_CARRIED && port.inner_in == inside;
  });
  carried->inner_out = output(next);
}

void ScanBuilder::stack(ValueId value, std::int32_t axis, bool reverse) {
  Port port;
  port.kind = RDU_PORT_STACK;
  port.axis = axis;
  port.reverse = reverse;
  port.inner_out = output(value);
  ports_.push_back(port);
}

ScanBuilder::Results ScanBuilder::finish() {
  builder_.set_graph(outer_graph_);
  Results results;
  ir::Node node;
  node.pattern = RDU_PATTERN_SCAN;
  node.loops = {{trips_, ir::kNone, RDU_LOOP_PLAIN}};
  node.graphs[0] = graph_;
  for (Port& port : ports_) {
    if (port.kind != RDU_PORT_CARRIED && port.kind != RDU_PORT_STACK) continue;
    Dims dims = builder_.dims(port.inner_out);
    if (port.kind == RDU_PORT_STACK) dims.insert(dims.begin() + port.axis, trips_);
    port.result = builder_.add_value(builder_.dtype(port.inner_out), std::move(dims));
    node.writes.push_back({port.result, {}});
    (port.kind == RDU_PORT_STACK ? results.stacked : results.carried).push_back(port.result);
  }
  node.ports = std::move(ports_);
  builder_.add_node(std::move(node));
  return results;
}

}  // namespace rducc::import_onnx
