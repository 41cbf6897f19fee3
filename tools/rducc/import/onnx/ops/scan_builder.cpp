// Collects the ports of a scan and emits its node.
#include "tools/rducc/import/onnx/ops/scan_builder.hpp"

#include <algorithm>

#include "tools/rducc/ir/error.hpp"

namespace rducc::import_onnx {

using ir::Dims;
using ir::kNone;
using ir::ValueId;
using rdu::artifact::Port;

namespace {

ValueId extent_of(const ir::Builder& builder, ValueId value, std::size_t d) {
  const auto& extents = builder.value(value).dim_values;
  return extents.empty() ? kNone : extents[d];
}

Port make_port(std::uint32_t kind, ValueId outer = kNone) {
  Port port;
  port.kind = kind;
  port.outer = outer;
  return port;
}

}  // namespace

ScanBuilder::ScanBuilder(ir::Builder& builder, std::int64_t trips, ValueId count)
    : builder_(builder),
      outer_graph_(builder.graph()),
      graph_(builder.new_graph()),
      trips_(trips),
      count_(count) {
  builder.set_graph(graph_);
}

ValueId ScanBuilder::bring_in(Port port, rdu_dtype dtype, Dims dims, std::vector<ValueId> extents) {
  const bool fixed =
      std::all_of(extents.begin(), extents.end(), [](ValueId id) { return id == kNone; });
  port.inner_in = builder_.add_input("", dtype, std::move(dims));
  if (!fixed) builder_.variant().values[port.inner_in].dim_values = std::move(extents);
  builder_.variant().graphs[graph_].inputs.push_back(port.inner_in);
  ports_.push_back(port);
  return port.inner_in;
}

ValueId ScanBuilder::bring_in(Port port) {
  const std::vector<ValueId> outer_extents = builder_.value(port.outer).dim_values;
  std::vector<ValueId> extents;
  for (const ValueId extent : outer_extents) {
    if (extent == kNone) {
      extents.push_back(kNone);
    } else {
      extents.push_back(port.kind == RDU_PORT_CARRIED ? carry_value(extent) : capture(extent));
    }
  }
  Dims dims = builder_.dims(port.outer);
  if (port.kind == RDU_PORT_SLICE) {
    dims.erase(dims.begin() + port.axis);
    if (!extents.empty()) extents.erase(extents.begin() + port.axis);
  }
  return bring_in(port, builder_.dtype(port.outer), std::move(dims), std::move(extents));
}

ValueId ScanBuilder::capture(ValueId outer) {
  if (builder_.constant(outer)) return outer;
  for (const Port& port : ports_) {
    if (port.kind == RDU_PORT_CAPTURE && port.outer == outer) return port.inner_in;
  }
  return bring_in(make_port(RDU_PORT_CAPTURE, outer));
}

ValueId ScanBuilder::slice(ValueId outer, std::int32_t axis, bool reverse) {
  Port port = make_port(RDU_PORT_SLICE, outer);
  port.axis = axis;
  port.reverse = reverse;
  return bring_in(port);
}

ValueId ScanBuilder::carry_value(ValueId initial) {
  return bring_in(make_port(RDU_PORT_CARRIED, initial));
}

ValueId ScanBuilder::carry(ValueId initial) {
  carried_.push_back(carry_value(initial));
  return carried_.back();
}

ValueId ScanBuilder::index() {
  for (const Port& port : ports_) {
    if (port.kind == RDU_PORT_INDEX) return port.inner_in;
  }
  const ValueId inside = bring_in(make_port(RDU_PORT_INDEX), RDU_DTYPE_I64, {}, {});
  builder_.limit(inside, {0, std::max<std::int64_t>(trips_, 1) - 1});
  return inside;
}

void ScanBuilder::add_captures(std::span<const GraphScope::Capture> captures) {
  for (const GraphScope::Capture& capture : captures) {
    Port port = make_port(RDU_PORT_CAPTURE, capture.outer);
    port.inner_in = capture.inner;
    builder_.variant().graphs[graph_].inputs.push_back(capture.inner);
    ports_.push_back(port);
  }
}

ValueId ScanBuilder::output(ValueId value) {
  std::vector<ValueId>& outputs = builder_.variant().graphs[graph_].outputs;
  if (std::find(outputs.begin(), outputs.end(), value) != outputs.end()) return value;
  const ValueId result = builder_.own(value, outputs);
  builder_.variant().graphs[graph_].outputs.push_back(result);
  return result;
}

Port& ScanBuilder::port_of(ValueId inside) {
  return *std::find_if(ports_.begin(), ports_.end(),
                       [inside](const Port& port) { return port.inner_in == inside; });
}

void ScanBuilder::set_next(ValueId inside, ValueId next) {
  const std::vector<ValueId> extents = builder_.value(inside).dim_values;
  if (next == inside) {
    // What no iteration changes is seen as it is.
    port_of(inside).kind = RDU_PORT_CAPTURE;
    for (const ValueId extent : extents) {
      if (extent != kNone) set_next(extent, extent);
    }
    return;
  }
  std::vector<ValueId> next_extents(extents.size(), kNone);
  bool same = true;
  for (std::size_t d = 0; d < extents.size(); ++d) {
    if (extents[d] == kNone) continue;
    next_extents[d] = extent_of(builder_, next, d);
    if (next_extents[d] == kNone) {
      same = false;
      next_extents[d] = builder_.scalar(RDU_DTYPE_I64, static_cast<double>(builder_.dims(next)[d]));
    }
    set_next(extents[d], next_extents[d]);
  }
  if (!same) next = builder_.own_copy(next, Dims(builder_.dims(inside)), next_extents);
  port_of(inside).inner_out = output(next);
}

void ScanBuilder::stack(ValueId value, std::int32_t axis, bool reverse) {
  Port port = make_port(RDU_PORT_STACK);
  port.axis = axis;
  port.reverse = reverse;
  port.inner_out = output(value);
  ports_.push_back(port);
}

void ScanBuilder::keep(ValueId starts, ValueId goes_on) {
  Port port = make_port(RDU_PORT_KEEP, starts);
  port.inner_out = output(goes_on);
  ports_.push_back(port);
}

// How many iterations there were: their stacks are as long.
ValueId ScanBuilder::count_iterations() {
  const ValueId count = carry_value(builder_.scalar(RDU_DTYPE_I64, 0));
  set_next(count, builder_.elementwise(RDU_DTYPE_I64, {count},
                                       [](ir::Body& b, std::span<const ir::Reg> r) {
                                         b.result(b.add(r[0], b.integer(RDU_DTYPE_I64, 1)));
                                       }));
  return count;
}

ValueId ScanBuilder::after(ValueId inside) {
  const auto port = std::find_if(ports_.begin(), ports_.end(),
                                 [inside](const Port& p) { return p.inner_in == inside; });
  if (port != ports_.end() && port->kind == RDU_PORT_CAPTURE) return port->outer;
  if (port != ports_.end() && port->kind == RDU_PORT_CARRIED) return port->result;
  throw CompileError(CompileErrorKind::kUnsupported,
                     "what the steps of a scan yield has an extent that differs from step to step");
}

void ScanBuilder::add_result(Port& port, ir::Node& node) {
  const bool stacked = port.kind == RDU_PORT_STACK;
  Dims dims = builder_.dims(port.inner_out);
  std::vector<ValueId> extents = builder_.value(port.inner_out).dim_values;
  if (stacked) {
    for (ValueId& extent : extents) extent = extent == kNone ? kNone : after(extent);
    extents.resize(dims.size(), kNone);
    dims.insert(dims.begin() + port.axis, trips_);
    const ValueId count = stack_count_ == kNone ? count_ : after(stack_count_);
    extents.insert(extents.begin() + port.axis, count);
  } else {
    extents = builder_.value(port.inner_in).dim_values;
    for (ValueId& extent : extents) extent = extent == kNone ? kNone : after(extent);
  }
  if (std::all_of(extents.begin(), extents.end(), [](ValueId id) { return id == kNone; })) {
    extents.clear();
  }
  port.result =
      builder_.add_value(builder_.dtype(port.inner_out), std::move(dims), std::move(extents));
  node.writes.push_back({port.result, {}});
}

ScanBuilder::Results ScanBuilder::finish() {
  const auto has = [this](std::uint32_t kind) {
    return std::any_of(ports_.begin(), ports_.end(),
                       [kind](const Port& port) { return port.kind == kind; });
  };
  if (has(RDU_PORT_STACK) && has(RDU_PORT_KEEP)) stack_count_ = count_iterations();
  builder_.set_graph(outer_graph_);
  ir::Node node;
  node.pattern = RDU_PATTERN_SCAN;
  node.loops = {{trips_, kNone, RDU_LOOP_PLAIN}};
  node.condition = count_;
  node.graphs[0] = graph_;
  // Carried values first: among them are the extents of what is stacked.
  std::stable_partition(ports_.begin(), ports_.end(),
                        [](const Port& port) { return port.kind != RDU_PORT_STACK; });
  Results results;
  for (Port& port : ports_) {
    if (port.kind != RDU_PORT_CARRIED && port.kind != RDU_PORT_STACK) continue;
    add_result(port, node);
    if (port.kind == RDU_PORT_STACK) results.stacked.push_back(port.result);
  }
  for (const ValueId inside : carried_) results.carried.push_back(after(inside));
  node.ports = std::move(ports_);
  if (node.writes.empty()) {
    builder_.variant().graphs.resize(graph_);
  } else {
    builder_.add_node(std::move(node));
  }
  return results;
}

}  // namespace rducc::import_onnx
