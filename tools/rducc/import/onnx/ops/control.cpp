// If: the branch that is known to be taken in place, else a choice between two graphs.
#include "tools/rducc/import/onnx/ops/control.hpp"

#include <algorithm>

#include "tools/rducc/import/onnx/ops/operands.hpp"
#include "tools/rducc/import/onnx/registry.hpp"
#include "tools/rducc/import/onnx/sub_graph.hpp"

namespace rducc::import_onnx {

const onnx::GraphProto& required_graph(const OpCall& call, std::string_view name) {
  const onnx::GraphProto* graph = call.attr_graph(name);
  if (!graph) call.invalid("has no attribute " + std::string(name));
  return *graph;
}

ValueId scalar_as_declared(ir::Builder& builder, const onnx::GraphProto& graph, std::size_t input,
                           ValueId scalar) {
  return builder.reshape(scalar, declared_rank(graph, input) == 1 ? Dims{1} : Dims{});
}

namespace {

using rdu::artifact::Port;

struct Branch {
  std::uint32_t graph = RDU_NONE;
  ImportedGraph content;
};

Branch import_branch(OpCall& call, const onnx::GraphProto& proto) {
  Branch branch;
  branch.graph = call.b().new_graph();
  const GraphSwitch inside(call.b(), branch.graph);
  branch.content = import_sub_graph(call, proto, {});
  for (const auto& capture : branch.content.captures) {
    call.b().variant().graphs[branch.graph].inputs.push_back(capture.inner);
  }
  return branch;
}

// The bounds of a result that either branch may yield, and which of its extents a run decides.
struct ResultType {
  Dims dims;
  std::vector<bool> at_run_time;
};

ResultType common_type(const OpCall& call, const ir::Builder& b, ValueId yes, ValueId no) {
  const Dims &first = b.dims(yes), &second = b.dims(no);
  if (first.size() != second.size() || b.dtype(yes) != b.dtype(no)) {
    call.unsupported("branches whose results differ in rank or element type: shapes " +
                     to_text(first) + " and " + to_text(second));
  }
  ResultType type{first, std::vector<bool>(first.size())};
  for (std::size_t d = 0; d < first.size(); ++d) {
    const auto open = [&](ValueId id) {
      return !b.value(id).dim_values.empty() && b.value(id).dim_values[d] != ir::kNone;
    };
    type.dims[d] = std::max(first[d], second[d]);
    type.at_run_time[d] = first[d] != second[d] || open(yes) || open(no);
  }
  return type;
}

class Choice {
 public:
  Choice(OpCall& call, Branch yes, Branch no) : call_(call), b_(call.b()) {
    branches_[0] = std::move(yes);
    branches_[1] = std::move(no);
    node_.pattern = RDU_PATTERN_CONTROL;
    node_.condition = b_.reshape(call.input(0), Dims{});
    for (std::uint32_t slot = 0; slot < 2; ++slot) {
      node_.graphs[slot] = branches_[slot].graph;
      for (const auto& capture : branches_[slot].content.captures) {
        Port port;
        port.kind = RDU_PORT_CAPTURE;
        port.slot = slot;
        port.outer = capture.outer;
        port.inner_in = capture.inner;
        node_.ports.push_back(port);
      }
    }
  }

  ValueId add_result(std::size_t i) {
    const ValueId yields[] = {branches_[0].content.outputs[i], branches_[1].content.outputs[i]};
    const ResultType type = common_type(call_, b_, yields[0], yields[1]);
    std::vector<ValueId> extents(type.dims.size(), ir::kNone);
    std::vector<ValueId> inner[2] = {extents, extents};
    const bool fixed = std::count(type.at_run_time.begin(), type.at_run_time.end(), true) == 0;
    for (std::size_t d = 0; d < extents.size(); ++d) {
      if (!type.at_run_time[d]) continue;
      extents[d] = b_.add_value(RDU_DTYPE_I64, {});
      for (std::uint32_t slot = 0; slot < 2; ++slot) {
        inner[slot][d] = yield_extent(slot, yields[slot], d);
        connect(slot, inner[slot][d], extents[d]);
      }
    }
    const ValueId result =
        b_.add_value(b_.dtype(yields[0]), type.dims, fixed ? std::vector<ValueId>{} : extents);
    for (std::uint32_t slot = 0; slot < 2; ++slot) {
      connect(slot, yield(slot, yields[slot], type, inner[slot], fixed), result);
    }
    return result;
  }

  void finish() {
    // Results are written in the order in which ports name them.
    for (const Port& port : node_.ports) {
      if (port.kind == RDU_PORT_RESULT && port.slot == 0) node_.writes.push_back({port.result, {}});
    }
    b_.add_node(std::move(node_));
  }

 private:
  std::vector<ValueId>& outputs(std::uint32_t slot) {
    return b_.variant().graphs[branches_[slot].graph].outputs;
  }

  ValueId yield_extent(std::uint32_t slot, ValueId value, std::size_t d) {
    const GraphSwitch inside(b_, branches_[slot].graph);
    const auto& extents = b_.value(value).dim_values;
    const ValueId extent = extents.empty() || extents[d] == ir::kNone
                               ? b_.scalar(RDU_DTYPE_I64, static_cast<double>(b_.dims(value)[d]))
                               : extents[d];
    return add_output(slot, extent);
  }

  // What the branch yields in a value of the result's type.
  ValueId yield(std::uint32_t slot, ValueId value, const ResultType& type,
                const std::vector<ValueId>& extents, bool fixed) {
    const GraphSwitch inside(b_, branches_[slot].graph);
    if (fixed || (b_.dims(value) == type.dims && b_.value(value).dim_values == extents)) {
      return add_output(slot, value);
    }
    const ValueId copy = b_.own_copy(value, type.dims, extents);
    outputs(slot).push_back(copy);
    return copy;
  }

  ValueId add_output(std::uint32_t slot, ValueId value) {
    const ValueId owned = b_.own(value, outputs(slot));
    outputs(slot).push_back(owned);
    return owned;
  }

  void connect(std::uint32_t slot, ValueId inner_out, ValueId result) {
    Port port;
    port.kind = RDU_PORT_RESULT;
    port.slot = slot;
    port.result = result;
    port.inner_out = inner_out;
    node_.ports.push_back(port);
  }

  OpCall& call_;
  ir::Builder& b_;
  Branch branches_[2];
  ir::Node node_;
};

void choose(OpCall& call, const onnx::GraphProto& then_graph, const onnx::GraphProto& else_graph) {
  Branch yes = import_branch(call, then_graph);
  Choice choice(call, std::move(yes), import_branch(call, else_graph));
  for (std::size_t i = 0; i < call.num_outputs(); ++i) call.set_output(i, choice.add_result(i));
  choice.finish();
}

void import_if(OpCall& call) {
  const onnx::GraphProto& then_graph = required_graph(call, "then_branch");
  const onnx::GraphProto& else_graph = required_graph(call, "else_branch");
  const std::size_t num_results = call.num_outputs();
  if (num_graph_outputs(then_graph) != num_results ||
      num_graph_outputs(else_graph) != num_results) {
    call.invalid("its branches do not yield " + std::to_string(num_results) + " values");
  }
  if (call.dtype(0) != RDU_DTYPE_BOOL || ir::num_elements(call.dims(0)) != 1) {
    call.invalid("the condition is not a scalar of type bool");
  }
  if (const auto condition = call.constant(0)) {
    const std::vector<Meaning> results =
        inline_sub_graph(call, condition->to_i64()[0] ? then_graph : else_graph, {});
    for (std::size_t i = 0; i < num_results; ++i) call.set_output(i, results[i]);
    return;
  }
  try {
    choose(call, then_graph, else_graph);
  } catch (...) {
    call.want_constant(0);  // with the condition known, one branch is left
    throw;
  }
}

constexpr OpEntry kOps[] = {{"", "If", 1, import_if}};

}  // namespace

std::span<const OpEntry> control_ops() { return kOps; }

}  // namespace rducc::import_onnx
