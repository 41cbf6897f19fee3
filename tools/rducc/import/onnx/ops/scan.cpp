// Scan: one scan; at opset 8 one per sample of a batch.
#include <algorithm>

#include "tools/rducc/import/onnx/ops/control.hpp"
#include "tools/rducc/import/onnx/ops/operands.hpp"
#include "tools/rducc/import/onnx/ops/scan_builder.hpp"
#include "tools/rducc/import/onnx/registry.hpp"
#include "tools/rducc/import/onnx/sub_graph.hpp"

namespace rducc::import_onnx {
namespace {

struct ScannedInput {
  ValueId value = ir::kNone;
  std::int32_t axis = 0;
  bool reverse = false;
};

struct StackedOutput {
  std::int64_t axis = 0;  // negative: from the end
  bool reverse = false;
};

struct ScanCall {
  const onnx::GraphProto& body;
  std::vector<ValueId> states = {};
  std::vector<ScannedInput> scanned = {};
  std::vector<StackedOutput> stacked = {};
  std::int64_t trips = 0;
  ValueId count = ir::kNone;                // where it is known at run time only
  std::optional<std::int64_t> sample = {};  // of a batch
};

// Where a list of one entry per scan input or output has its i-th.
std::int64_t entry(const OpCall& call, std::string_view name, std::size_t i) {
  const std::vector<std::int64_t> values = call.attr_ints(name);
  return i < values.size() ? values[i] : 0;
}

// `inputs` of the node are sequences, from the first on that is scanned.
void read_counts(const OpCall& call, std::size_t first_state, ScanCall& s) {
  const std::int64_t scanned = call.attr_i("num_scan_inputs", 0);
  const std::size_t given = call.num_inputs() - std::min(first_state, call.num_inputs());
  if (scanned < 1 || static_cast<std::size_t>(scanned) > given) {
    call.invalid("num_scan_inputs = " + std::to_string(scanned));
  }
  s.scanned.resize(static_cast<std::size_t>(scanned));
  s.states.resize(given - s.scanned.size());
  if (num_graph_inputs(s.body) != given || num_graph_outputs(s.body) < s.states.size() ||
      num_graph_outputs(s.body) != call.num_outputs()) {
    call.invalid("its body does not fit its inputs and outputs");
  }
  s.stacked.resize(call.num_outputs() - s.states.size());
}

void read_trips(const OpCall& call, ir::Builder& b, ScanCall& s) {
  for (std::size_t i = 0; i < s.scanned.size(); ++i) {
    const auto axis = static_cast<std::size_t>(s.scanned[i].axis);
    const auto& value = b.value(s.scanned[i].value);
    if (i > 0 && value.dims[axis] != s.trips) call.invalid("its scan inputs differ in length");
    s.trips = value.dims[axis];
    if (!value.dim_values.empty() && value.dim_values[axis] != ir::kNone) {
      s.count = value.dim_values[axis];
    }
  }
}

ScanBuilder::Results emit_scan(OpCall& call, const ScanCall& s) {
  ir::Builder& b = call.b();
  ScanBuilder scan(b, s.trips, s.count);
  std::vector<ValueId> inputs;
  for (const ValueId state : s.states) inputs.push_back(scan.carry(state));
  const std::vector<ValueId> carried = inputs;
  for (const ScannedInput& input : s.scanned) {
    inputs.push_back(scan.slice(input.value, input.axis, input.reverse));
  }
  const ImportedGraph step = import_sub_graph(call, s.body, inputs, s.sample);
  scan.add_captures(step.captures);
  for (std::size_t i = 0; i < carried.size(); ++i) {
    const Dims &before = b.dims(carried[i]), &after = b.dims(step.outputs[i]);
    const bool opens =
        b.value(carried[i]).dim_values.empty() && !b.value(step.outputs[i]).dim_values.empty();
    if (before != after || opens) {
      call.unsupported("a step changes the shape of state " + std::to_string(i) + " from " +
                       to_text(before) + " to " + to_text(after));
    }
    if (b.dtype(carried[i]) != b.dtype(step.outputs[i])) {
      call.invalid("state " + std::to_string(i) + " changes its element type");
    }
    scan.set_next(carried[i], step.outputs[i]);
  }
  for (std::size_t k = 0; k < s.stacked.size(); ++k) {
    const ValueId value = step.outputs[carried.size() + k];
    const auto rank = static_cast<std::int64_t>(b.dims(value).size()) + 1;
    scan.stack(value, static_cast<std::int32_t>(normalise_axis(call, s.stacked[k].axis, rank)),
               s.stacked[k].reverse);
  }
  return scan.finish();
}

void import_scan(OpCall& call) {
  ScanCall s{.body = required_graph(call, "body")};
  read_counts(call, 0, s);
  for (std::size_t i = 0; i < s.states.size(); ++i) s.states[i] = call.input(i);
  for (std::size_t i = 0; i < s.scanned.size(); ++i) {
    const std::size_t input = s.states.size() + i;
    s.scanned[i] = {call.input(input),
                    static_cast<std::int32_t>(
                        normalise_axis(call, entry(call, "scan_input_axes", i), call.rank(input))),
                    entry(call, "scan_input_directions", i) != 0};
  }
  for (std::size_t k = 0; k < s.stacked.size(); ++k) {
    s.stacked[k] = {entry(call, "scan_output_axes", k),
                    entry(call, "scan_output_directions", k) != 0};
  }
  read_trips(call, call.b(), s);
  const ScanBuilder::Results results = emit_scan(call, s);
  for (std::size_t i = 0; i < s.states.size(); ++i) call.set_output(i, results.carried[i]);
  for (std::size_t k = 0; k < s.stacked.size(); ++k) {
    call.set_output(s.states.size() + k, results.stacked[k]);
  }
}

// --- Opset 8: [batch, sequence, …], each sample with a length of its own ----------------------------

// The longest batch that becomes a scan per sample.
constexpr std::int64_t kMostSamples = 256;

// Sample n of a batch, without that dimension.
ValueId sample(ir::Builder& b, ValueId batch, std::int64_t n) {
  Dims dims(b.dims(batch).begin() + 1, b.dims(batch).end());
  ir::Access access{ir::at(n)};
  for (const ir::Index& index : ir::identity_access(dims.size())) access.push_back(index);
  return b.map(b.dtype(batch), std::move(dims), {b.read(batch, std::move(access))},
               [](Body& body, std::span<const Reg> r) { body.result(r[0]); });
}

// The elements before the sample's length, in a value whose first extent is that length.
ValueId shorten(ir::Builder& b, ValueId value, ValueId length) {
  std::vector<ValueId> extents(b.dims(value).size(), ir::kNone);
  extents[0] = length;
  return b.own_copy(value, Dims(b.dims(value)), std::move(extents));
}

// The whole sequence, zeros after the length.
ValueId fill_up(ir::Builder& b, ValueId value, ValueId length) {
  const Dims dims = b.dims(value);
  const std::vector<ir::Read> reads{b.read_fill(value, ir::identity_access(dims.size()), 0),
                                    b.read(length, {})};
  return b.map(b.dtype(value), dims, reads, [](Body& body, std::span<const Reg> r) {
    const Reg inside = body.binary(RDU_OP_LT, body.index(0), r[1]);
    body.result(body.select(inside, r[0], body.like(r[0], 0)));
  });
}

ValueId join_samples(ir::Builder& b, const std::vector<ValueId>& samples) {
  std::vector<ValueId> parts;
  for (const ValueId value : samples) {
    Dims dims = b.dims(value);
    dims.insert(dims.begin(), 1);
    parts.push_back(b.reshape(value, std::move(dims)));
  }
  return b.concat(parts, 0);
}

// One sample's outputs, states first.
std::vector<ValueId> scan_sample(OpCall& call, ScanCall s, std::int64_t n) {
  ir::Builder& b = call.b();
  const ValueId length =
      call.has_input(0) ? b.cast(sample(b, call.input(0), n), RDU_DTYPE_I64) : ir::kNone;
  for (std::size_t i = 0; i < s.states.size(); ++i) {
    s.states[i] = sample(b, call.input(1 + i), n);
  }
  for (std::size_t i = 0; i < s.scanned.size(); ++i) {
    const ValueId whole = sample(b, call.input(1 + s.states.size() + i), n);
    s.scanned[i] = {length == ir::kNone ? whole : shorten(b, whole, length), 0,
                    entry(call, "directions", i) != 0};
  }
  read_trips(call, b, s);
  s.sample = n;
  const ScanBuilder::Results results = emit_scan(call, s);
  std::vector<ValueId> outputs = results.carried;
  for (const ValueId stacked : results.stacked) {
    outputs.push_back(length == ir::kNone ? stacked : fill_up(b, stacked, length));
  }
  return outputs;
}

void import_scan_8(OpCall& call) {
  ScanCall s{.body = required_graph(call, "body")};
  read_counts(call, 1, s);
  const Dims first = call.dims(1);
  for (std::size_t i = 1; i < call.num_inputs(); ++i) {
    const bool scanned = i > s.states.size();
    if (call.rank(i) < (scanned ? 2 : 1) || call.dims(i)[0] != first[0]) {
      call.invalid("input " + std::to_string(i) + " of shape " + to_text(call.dims(i)) +
                   " does not begin with the batch" + (scanned ? " and the sequence" : ""));
    }
  }
  if (call.has_input(0) && call.dims(0) != Dims{first[0]}) {
    call.invalid("sequence_lens of shape " + to_text(call.dims(0)));
  }
  if (first[0] < 1 || first[0] > kMostSamples) {
    call.unsupported("a batch of " + std::to_string(first[0]) + " samples at opset 8");
  }
  std::vector<std::vector<ValueId>> outputs(call.num_outputs());
  for (std::int64_t n = 0; n < first[0]; ++n) {
    const std::vector<ValueId> results = scan_sample(call, s, n);
    for (std::size_t i = 0; i < outputs.size(); ++i) outputs[i].push_back(results[i]);
  }
  for (std::size_t i = 0; i < outputs.size(); ++i) {
    call.set_output(i, join_samples(call.b(), outputs[i]));
  }
}

constexpr OpEntry kOps[] = {
    {"", "Scan", 8, import_scan_8},
    {"", "Scan", 9, import_scan},
};

}  // namespace

std::span<const OpEntry> scan_ops() { return kOps; }

}  // namespace rducc::import_onnx
