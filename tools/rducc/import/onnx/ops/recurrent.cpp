// RNN, GRU and LSTM: the input's part of all gates is one contract over all steps, the rest a scan.
#include <algorithm>
#include <cctype>

#include "tools/rducc/import/onnx/ops/contraction.hpp"
#include "tools/rducc/import/onnx/ops/operands.hpp"
#include "tools/rducc/import/onnx/ops/recurrent_cell.hpp"
#include "tools/rducc/import/onnx/ops/scan_builder.hpp"
#include "tools/rducc/import/onnx/registry.hpp"

namespace rducc::import_onnx {
namespace {

// The operands in the layout [step, batch, …], whatever the node's.
struct Sequence {
  ValueId x = ir::kNone;  // [steps, batch, inputs]
  std::int64_t steps = 0, batch = 0, inputs = 0, hidden = 0, directions = 1;
  bool batch_first = false;
  ValueId lengths = ir::kNone;  // per sample, I32; kNone: all steps count
  std::vector<bool> reverse;    // per direction
};

ValueId swap_first_two(ir::Builder& b, ValueId x) {
  std::vector<std::int64_t> perm{1, 0};
  for (std::size_t d = 2; d < b.dims(x).size(); ++d) perm.push_back(static_cast<std::int64_t>(d));
  return b.transpose(x, perm);
}

void require_dims(const OpCall& call, std::size_t i, const Dims& expected) {
  if (call.has_input(i) && call.dims(i) != expected) {
    call.invalid("input " + std::to_string(i) + " of shape " + to_text(call.dims(i)) + " where " +
                 to_text(expected) + " is expected");
  }
}

Sequence read_sequence(OpCall& call) {
  require_float(call, 0);
  Sequence s;
  const std::string direction = call.attr_s("direction", "forward");
  if (direction == "bidirectional") {
    s.reverse = {false, true};
  } else if (direction == "forward" || direction == "reverse") {
    s.reverse = {direction == "reverse"};
  } else {
    call.invalid("attribute direction = '" + direction + "'");
  }
  s.directions = static_cast<std::int64_t>(s.reverse.size());
  s.batch_first = call.attr_i("layout", 0) != 0;
  if (call.rank(0) != 3 || call.rank(1) != 3 || call.rank(2) != 3) {
    call.invalid("X, W and R must have rank 3");
  }
  s.x = s.batch_first ? swap_first_two(call.b(), call.input(0)) : call.input(0);
  const Dims x = call.b().dims(s.x);
  s.steps = x[0];
  s.batch = x[1];
  s.inputs = x[2];
  s.hidden = call.dims(2)[2];
  if (call.attr_i("hidden_size", s.hidden) != s.hidden) {
    call.invalid("hidden_size = " + std::to_string(call.attr_i("hidden_size", 0)) +
                 " but R has the shape " + to_text(call.dims(2)));
  }
  if (call.has_input(4)) {
    require_dims(call, 4, {s.batch});
    const auto known = call.constant(4);
    const std::vector<std::int64_t> lengths = known ? known->to_i64() : std::vector<std::int64_t>{};
    const bool all = known && std::all_of(lengths.begin(), lengths.end(),
                                          [&](std::int64_t length) { return length == s.steps; });
    if (!all) s.lengths = call.input(4);
  }
  return s;
}

// Names in any case; the parameters are listed in the order of the functions that take them.
std::vector<CellActivation> read_activations(const OpCall& call, const Sequence& s, CellKind kind) {
  std::string defaults[] = {"Sigmoid", "Tanh", "Tanh"};
  if (kind == CellKind::kRnn) defaults[0] = "Tanh";
  const std::size_t count = kind == CellKind::kLstm ? 3 : (kind == CellKind::kGru ? 2 : 1);
  std::vector<std::string> names = call.attr_strings("activations");
  if (names.empty()) {
    for (std::int64_t d = 0; d < s.directions; ++d) {
      names.insert(names.end(), defaults, defaults + count);
    }
  }
  if (names.size() != count * static_cast<std::size_t>(s.directions)) {
    call.invalid(std::to_string(names.size()) + " activations where " +
                 std::to_string(count * static_cast<std::size_t>(s.directions)) + " are expected");
  }
  const std::vector<double> alphas = call.attr_floats("activation_alpha");
  const std::vector<double> betas = call.attr_floats("activation_beta");
  std::size_t next_alpha = 0, next_beta = 0;
  std::vector<CellActivation> result;
  for (std::string& name : names) {
    const std::string written = name;
    std::transform(name.begin(), name.end(), name.begin(),
                   [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
    const ActivationFacts* facts = find_activation(name);
    if (!facts) call.unsupported("attribute activations has '" + written + "'");
    CellActivation f{name, facts->alpha, facts->beta};
    if (facts->takes_alpha && next_alpha < alphas.size()) f.alpha = alphas[next_alpha++];
    if (facts->takes_beta && next_beta < betas.size()) f.beta = betas[next_beta++];
    result.push_back(f);
  }
  return result;
}

// Wb + Rb, which do not change from step to step: [gates * hidden]. The recurrent bias of a linear GRU's last gate is inside
// the reset, so it is not added here.
ValueId input_bias(OpCall& call, const Sequence& s, const Cell& cell, rdu_dtype acc) {
  ir::Builder& builder = call.b();
  const std::int64_t width = cell.gates() * s.hidden;
  const std::int64_t reset_from = cell.linear_before_reset ? 2 * s.hidden : width;
  std::vector<ir::Read> halves;
  for (const std::int64_t half : {std::int64_t{0}, width}) {
    halves.push_back(builder.read(call.input(3), {ir::at(cell.direction), ir::along(0, 1, half)}));
  }
  return builder.map(acc, Dims{width}, std::move(halves), [=](Body& b, std::span<const Reg> r) {
    const Reg outside = b.cast(r[0], acc);
    const Reg both = b.add(outside, b.cast(r[1], acc));
    const Reg early = b.binary(RDU_OP_LT, b.index(0), b.integer(RDU_DTYPE_I64, reset_from));
    b.result(reset_from == width ? both : b.select(early, both, outside));
  });
}

// x · W^T + Wb + Rb for all steps: [steps, batch, gates * hidden].
ValueId project_inputs(OpCall& call, const Sequence& s, const Cell& cell) {
  ir::Builder& builder = call.b();
  const std::int64_t width = cell.gates() * s.hidden;
  ir::ReduceSpec spec;
  spec.dims = {s.steps, s.batch, width};
  spec.loops = {{s.steps, ir::kNone, RDU_LOOP_M},
                {s.batch, ir::kNone, RDU_LOOP_M},
                {width, ir::kNone, RDU_LOOP_N},
                {s.inputs, ir::kNone, RDU_LOOP_K}};
  spec.num_parallel = 3;
  spec.reads = {builder.read(s.x, {ir::along(0), ir::along(1), ir::along(3)}),
                builder.read(call.input(1), {ir::at(cell.direction), ir::along(2), ir::along(3)})};
  spec.dtype = call.dtype(0);
  const rdu_dtype acc = spec.acc_dtype = wide(spec.dtype);
  spec.body = product_in(acc);
  if (call.has_input(3)) {
    spec.epilogue_reads = {builder.read(input_bias(call, s, cell, acc), {ir::along(2)})};
  }
  spec.epilogue = [=, dtype = spec.dtype](Body& b, Reg sum, std::span<const Reg> r) {
    b.result(b.cast(r.empty() ? sum : b.add(sum, r[0]), dtype));
  };
  return builder.contract(std::move(spec));
}

// [directions, batch, hidden] (batch first: [batch, directions, hidden]) at a direction; zeros where
// the input is absent.
ValueId initial_state(OpCall& call, std::size_t i, const Sequence& s, std::int64_t direction) {
  ir::Builder& b = call.b();
  if (!call.has_input(i)) return b.expand(b.scalar(call.dtype(0), 0), {s.batch, s.hidden});
  require_dims(call, i,
               s.batch_first ? Dims{s.batch, s.directions, s.hidden}
                             : Dims{s.directions, s.batch, s.hidden});
  const ir::Index d = ir::at(direction), n = ir::along(0);
  const ir::Access access =
      s.batch_first ? ir::Access{n, d, ir::along(1)} : ir::Access{d, n, ir::along(1)};
  return b.map(call.dtype(0), {s.batch, s.hidden}, {b.read(call.input(i), access)},
               [](Body& body, std::span<const Reg> r) { body.result(r[0]); });
}

// A sample whose sequence is over keeps its state and yields zeros.
ValueId where_running(ir::Builder& b, ValueId running, ValueId value, ValueId otherwise) {
  return b.elementwise(
      b.dtype(value), {running, value, otherwise},
      [](Body& body, std::span<const Reg> r) { body.result(body.select(r[0], r[1], r[2])); });
}

ValueId running_mask(ir::Builder& b, const Sequence& s, ValueId index, ValueId lengths,
                     bool reverse) {
  return b.map(RDU_DTYPE_BOOL, {s.batch, 1}, {b.read(index, {}), b.read(lengths, {ir::along(0)})},
               [&](Body& body, std::span<const Reg> r) {
                 const Reg last = body.integer(RDU_DTYPE_I64, s.steps - 1);
                 const Reg step = reverse ? body.sub(last, r[0]) : r[0];
                 body.result(body.binary(RDU_OP_LT, step, body.cast(r[1], RDU_DTYPE_I64)));
               });
}

struct DirectionResult {
  ValueId y = ir::kNone;  // [steps, batch, hidden]
  CellState last;
};

DirectionResult run_direction(OpCall& call, const Sequence& s, Cell cell) {
  ir::Builder& b = call.b();
  const bool reverse = s.reverse[static_cast<std::size_t>(cell.direction)];
  const bool lstm = cell.kind == CellKind::kLstm;
  const ValueId projected = project_inputs(call, s, cell);
  const ValueId h0 = initial_state(call, 5, s, cell.direction);
  const ValueId c0 = lstm ? initial_state(call, 6, s, cell.direction) : ir::kNone;
  ScanBuilder scan(b, s.steps);
  const ValueId input = scan.slice(projected, 0, reverse);
  const CellState state{scan.carry(h0), lstm ? scan.carry(c0) : ir::kNone};
  cell.recurrence = scan.capture(call.input(2));
  if (call.has_input(3)) cell.bias = scan.capture(call.input(3));
  if (lstm && call.has_input(7)) cell.peephole = scan.capture(call.input(7));
  CellState next = cell_step(b, cell, input, state);
  ValueId y = next.h;
  if (s.lengths != ir::kNone) {
    const ValueId running = running_mask(b, s, scan.index(), scan.capture(s.lengths), reverse);
    y = where_running(b, running, next.h, b.scalar(call.dtype(0), 0));
    next.h = where_running(b, running, next.h, state.h);
    if (lstm) next.c = where_running(b, running, next.c, state.c);
  }
  scan.set_next(state.h, next.h);
  if (lstm) scan.set_next(state.c, next.c);
  scan.stack(y, 0, reverse);
  const ScanBuilder::Results results = scan.finish();
  return {results.stacked[0], {results.carried[0], lstm ? results.carried[1] : ir::kNone}};
}

// Joins the directions along a new dimension `axis`.
ValueId join_directions(ir::Builder& b, const std::vector<ValueId>& parts, std::int64_t axis) {
  std::vector<ValueId> joined;
  for (const ValueId part : parts) {
    Dims dims = b.dims(part);
    dims.insert(dims.begin() + axis, 1);
    joined.push_back(b.reshape(part, dims));
  }
  return b.concat(joined, axis);
}

void import_recurrent(OpCall& call, CellKind kind) {
  require_same_dtype(call, 0, 4);
  const Sequence s = read_sequence(call);
  Cell cell;
  cell.kind = kind;
  cell.batch = s.batch;
  cell.hidden = s.hidden;
  cell.clip = call.attr_f("clip", 0);
  cell.input_forget = call.attr_i("input_forget", 0) != 0;
  cell.linear_before_reset = kind == CellKind::kGru && call.attr_i("linear_before_reset", 0) != 0;
  const std::int64_t width = cell.gates() * s.hidden;
  require_dims(call, 1, {s.directions, width, s.inputs});
  require_dims(call, 2, {s.directions, width, s.hidden});
  require_dims(call, 3, {s.directions, 2 * width});
  if (kind == CellKind::kLstm) require_dims(call, 7, {s.directions, 3 * s.hidden});
  const std::vector<CellActivation> activations = read_activations(call, s, kind);
  const auto per_direction =
      static_cast<std::ptrdiff_t>(activations.size()) / static_cast<std::ptrdiff_t>(s.directions);
  std::vector<ValueId> y, h, c;
  for (cell.direction = 0; cell.direction < s.directions; ++cell.direction) {
    const auto first = activations.begin() + cell.direction * per_direction;
    cell.activations.assign(first, first + per_direction);
    const DirectionResult result = run_direction(call, s, cell);
    y.push_back(result.y);
    h.push_back(result.last.h);
    c.push_back(result.last.c);
  }
  ir::Builder& b = call.b();
  if (call.wants_output(0)) {
    const ValueId all = join_directions(b, y, s.batch_first ? 2 : 1);
    call.set_output(0, s.batch_first ? swap_first_two(b, all) : all);
  }
  const std::int64_t axis = s.batch_first ? 1 : 0;
  if (call.wants_output(1)) call.set_output(1, join_directions(b, h, axis));
  if (kind == CellKind::kLstm && call.wants_output(2)) {
    call.set_output(2, join_directions(b, c, axis));
  }
}

void import_rnn(OpCall& call) { import_recurrent(call, CellKind::kRnn); }
void import_gru(OpCall& call) { import_recurrent(call, CellKind::kGru); }
void import_lstm(OpCall& call) { import_recurrent(call, CellKind::kLstm); }

constexpr OpEntry kOps[] = {
    {"", "GRU", 1, import_gru},
    {"", "LSTM", 1, import_lstm},
    {"", "RNN", 1, import_rnn},
};

}  // namespace

std::span<const OpEntry> recurrent_ops() { return kOps; }

}  // namespace rducc::import_onnx
