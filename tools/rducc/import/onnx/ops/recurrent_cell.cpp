// The cells: a contract with the previous state, then maps over the gates.
#include "tools/rducc/import/onnx/ops/recurrent_cell.hpp"

#include <algorithm>
#include <cctype>

#include "tools/rducc/import/onnx/ops/activation_body.hpp"
#include "tools/rducc/import/onnx/ops/contraction.hpp"
#include "tools/rducc/import/onnx/ops/dtypes.hpp"

namespace rducc::import_onnx {
namespace {

using ir::Body;
using ir::Dims;
using ir::Reg;
using ir::ValueId;

constexpr ActivationFacts kActivations[] = {
    {"affine", true, true, 1, 0},           {"elu", true, false, 1, 0},
    {"hardsigmoid", true, true, 0.2, 0.5},  {"leakyrelu", true, false, 0.01, 0},
    {"relu", false, false, 0, 0},           {"scaledtanh", true, true, 1, 1},
    {"sigmoid", false, false, 0, 0},        {"softplus", false, false, 0, 0},
    {"softsign", false, false, 0, 0},       {"tanh", false, false, 0, 0},
    {"thresholdedrelu", true, false, 1, 0},
};

Reg activate(Body& b, Reg x, const CellActivation& f) {
  if (f.name == "sigmoid") return sigmoid(b, x);
  if (f.name == "tanh") return b.unary(RDU_OP_TANH, x);
  if (f.name == "relu") return b.max(x, b.like(x, 0));
  if (f.name == "softplus") return softplus(b, x);
  if (f.name == "softsign") return softsign(b, x);
  if (f.name == "hardsigmoid") return hard_sigmoid(b, x, f.alpha, f.beta);
  if (f.name == "leakyrelu") return leaky_relu(b, x, f.alpha);
  if (f.name == "thresholdedrelu") return thresholded_relu(b, x, f.alpha);
  if (f.name == "elu") return exponential_unit(b, x, f.alpha, 1, 1);
  if (f.name == "affine") return b.add(b.mul(x, b.like(x, f.alpha)), b.like(x, f.beta));
  return b.mul(b.like(x, f.alpha), b.unary(RDU_OP_TANH, b.mul(x, b.like(x, f.beta))));
}

Reg clipped(Body& b, Reg x, double limit) {
  return limit > 0 ? b.max(b.min(x, b.like(x, limit)), b.like(x, -limit)) : x;
}

Reg gate(Body& b, Reg x, const Cell& cell, std::size_t activation) {
  return activate(b, clipped(b, x, cell.clip), cell.activations[activation]);
}

// A read of [batch, n * hidden] at part `part` over the loops (batch, hidden).
ir::Read part_of(ir::Builder& builder, ValueId gates, std::int64_t part, const Cell& cell) {
  return builder.read(gates, {ir::along(0), ir::along(1, 1, part * cell.hidden)});
}

// A read of part `part` of a direction's row.
ir::Read row_part(ir::Builder& builder, ValueId rows, std::int64_t part, const Cell& cell) {
  return builder.read(rows, {ir::at(cell.direction), ir::along(1, 1, part * cell.hidden)});
}

// h · R^T for `count` gates from `first` on, plus the reads that the epilogue adds to it.
ValueId recur(ir::Builder& builder, const Cell& cell, ValueId h, std::int64_t first,
              std::int64_t count, std::vector<ir::Read> addends) {
  ir::ReduceSpec spec;
  spec.dims = {cell.batch, count * cell.hidden};
  spec.loops = {{cell.batch, ir::kNone, RDU_LOOP_M},
                {count * cell.hidden, ir::kNone, RDU_LOOP_N},
                {cell.hidden, ir::kNone, RDU_LOOP_K}};
  spec.num_parallel = 2;
  spec.reads = {
      builder.read(h, {ir::along(0), ir::along(2)}),
      builder.read(cell.recurrence,
                   {ir::at(cell.direction), ir::along(1, 1, first * cell.hidden), ir::along(2)})};
  spec.dtype = builder.dtype(h);
  const rdu_dtype acc = spec.acc_dtype = wide(spec.dtype);
  spec.body = product_in(acc);
  spec.epilogue_reads = std::move(addends);
  spec.epilogue = [acc, dtype = spec.dtype](Body& b, Reg sum, std::span<const Reg> r) {
    for (const Reg& addend : r) sum = b.add(sum, b.cast(addend, acc));
    b.result(b.cast(sum, dtype));
  };
  return builder.contract(std::move(spec));
}

ir::Read state_read(ir::Builder& builder, ValueId state) {
  return builder.read(state, ir::identity_access(2));
}

CellState rnn_step(ir::Builder& builder, const Cell& cell, ValueId input, const CellState& s) {
  const ValueId sum = recur(builder, cell, s.h, 0, 1, {part_of(builder, input, 0, cell)});
  return {builder.elementwise(
              builder.dtype(sum), {sum},
              [&](Body& b, std::span<const Reg> r) { b.result(gate(b, r[0], cell, 0)); }),
          ir::kNone};
}

// The candidate's argument: the recurrence of the reset state, or the reset recurrence.
ValueId gru_candidate(ir::Builder& builder, const Cell& cell, ValueId input, ValueId gates,
                      ValueId h) {
  const Dims dims{cell.batch, cell.hidden};
  const rdu_dtype dtype = builder.dtype(h);
  if (!cell.linear_before_reset) {
    const ValueId kept = builder.map(
        dtype, dims, {part_of(builder, gates, 1, cell), state_read(builder, h)},
        [&](Body& b, std::span<const Reg> r) { b.result(b.mul(gate(b, r[0], cell, 0), r[1])); });
    return recur(builder, cell, kept, 2, 1, {part_of(builder, input, 2, cell)});
  }
  std::vector<ir::Read> bias;
  if (cell.bias != ir::kNone) bias.push_back(row_part(builder, cell.bias, 5, cell));
  const ValueId recurrence = recur(builder, cell, h, 2, 1, std::move(bias));
  return builder.map(dtype, dims,
                     {part_of(builder, gates, 1, cell), state_read(builder, recurrence),
                      part_of(builder, input, 2, cell)},
                     [&](Body& b, std::span<const Reg> r) {
                       b.result(b.add(b.mul(gate(b, r[0], cell, 0), r[1]), r[2]));
                     });
}

// Gates z, r, h.
CellState gru_step(ir::Builder& builder, const Cell& cell, ValueId input, const CellState& s) {
  const ValueId gates = recur(builder, cell, s.h, 0, 2, {part_of(builder, input, 0, cell)});
  const ValueId candidate = gru_candidate(builder, cell, input, gates, s.h);
  return {builder.map(builder.dtype(s.h), {cell.batch, cell.hidden},
                      {part_of(builder, gates, 0, cell), state_read(builder, candidate),
                       state_read(builder, s.h)},
                      [&](Body& b, std::span<const Reg> r) {
                        const Reg z = gate(b, r[0], cell, 0), y = gate(b, r[1], cell, 1);
                        b.result(b.add(b.mul(b.sub(b.like(z, 1), z), y), b.mul(z, r[2])));
                      }),
          ir::kNone};
}

// Gates i, o, f, c; peepholes i, o, f.
CellState lstm_step(ir::Builder& builder, const Cell& cell, ValueId input, const CellState& s) {
  const ValueId gates = recur(builder, cell, s.h, 0, 4, {part_of(builder, input, 0, cell)});
  const Dims dims{cell.batch, cell.hidden};
  const rdu_dtype dtype = builder.dtype(s.h);
  const bool peeps = cell.peephole != ir::kNone;
  std::vector<ir::Read> reads{part_of(builder, gates, 0, cell), part_of(builder, gates, 2, cell),
                              part_of(builder, gates, 3, cell), state_read(builder, s.c)};
  if (peeps) {
    reads.push_back(row_part(builder, cell.peephole, 0, cell));
    reads.push_back(row_part(builder, cell.peephole, 2, cell));
  }
  const ValueId c = builder.map(dtype, dims, reads, [&](Body& b, std::span<const Reg> r) {
    const Reg old = r[3];
    const auto argument = [&](std::size_t g, std::size_t p) {
      return peeps ? b.add(r[g], b.mul(r[p], old)) : r[g];
    };
    const Reg in = gate(b, argument(0, 4), cell, 0);
    const Reg forget =
        cell.input_forget ? b.sub(b.like(in, 1), in) : gate(b, argument(1, 5), cell, 0);
    b.result(b.add(b.mul(forget, old), b.mul(in, gate(b, r[2], cell, 1))));
  });
  std::vector<ir::Read> out{part_of(builder, gates, 1, cell), state_read(builder, c)};
  if (peeps) out.push_back(row_part(builder, cell.peephole, 1, cell));
  const ValueId h = builder.map(dtype, dims, out, [&](Body& b, std::span<const Reg> r) {
    const Reg argument = peeps ? b.add(r[0], b.mul(r[2], r[1])) : r[0];
    b.result(b.mul(gate(b, argument, cell, 0), activate(b, r[1], cell.activations[2])));
  });
  return {h, c};
}

}  // namespace

const ActivationFacts* find_activation(const std::string& name) {
  const auto found = std::find_if(std::begin(kActivations), std::end(kActivations),
                                  [&](const ActivationFacts& facts) { return name == facts.name; });
  return found == std::end(kActivations) ? nullptr : found;
}

CellState cell_step(ir::Builder& builder, const Cell& cell, ValueId input, const CellState& state) {
  switch (cell.kind) {
    case CellKind::kRnn:
      return rnn_step(builder, cell, input, state);
    case CellKind::kGru:
      return gru_step(builder, cell, input, state);
    default:
      return lstm_step(builder, cell, input, state);
  }
}

}  // namespace rducc::import_onnx
