// A layer of LSTM cells: a scan whose body is a product and the cell's two maps.
#include "tests/bench/cpu/kernels/family.hpp"
#include "tests/conformance/ports.hpp"

namespace cpu_bench {
namespace {

struct Layer {
  std::int64_t trips, rows, units;
};

// The values inside the scan.
struct Body {
  ValueId given, hidden, cell, sums, next_hidden, next_cell;
};

Node sums_of(const Layer& l, const Body& b, ValueId weights) {
  Node n =
      contract({l.rows, 4 * l.units, l.units}, 2, {RDU_LOOP_M, RDU_LOOP_N, RDU_LOOP_K}, F32, F32);
  n.name = "sums";
  n.reads = {read(b.hidden, {loop(0), loop(2)}), read(weights, {loop(1), loop(2)}),
             read(b.given, identity(2))};
  Code code;
  n.epilogue = code.result({code.op(RDU_OP_ADD, F32, code.acc(F32), code.load(2, F32))});
  n.writes = {{b.sums, identity(2)}};
  return n;
}

Node state_of(const Layer& l, const Body& b) {
  Node n = map({l.rows, l.units});
  n.name = "state";
  const auto gate = [&](std::int64_t g) { return read(b.sums, {loop(0), loop(1) + g * l.units}); };
  n.reads = {gate(0), gate(1), gate(2), read(b.cell, identity(2))};
  Code code;
  const auto keep = sigmoid(code, code.load(1, F32)), add = sigmoid(code, code.load(0, F32));
  const auto fresh = code.op(RDU_OP_TANH, F32, code.load(2, F32));
  const auto kept = code.op(RDU_OP_MUL, F32, keep, code.load(3, F32));
  n.body = code.result({code.op(RDU_OP_ADD, F32, kept, code.op(RDU_OP_MUL, F32, add, fresh))});
  n.writes = {{b.next_cell, identity(2)}};
  return n;
}

Node output_of(const Layer& l, const Body& b) {
  Node n = map({l.rows, l.units});
  n.name = "output";
  n.reads = {read(b.sums, {loop(0), loop(1) + 3 * l.units}), read(b.next_cell, identity(2))};
  Code code;
  const auto gate = sigmoid(code, code.load(0, F32));
  n.body =
      code.result({code.op(RDU_OP_MUL, F32, gate, code.op(RDU_OP_TANH, F32, code.load(1, F32)))});
  n.writes = {{b.next_hidden, identity(2)}};
  return n;
}

void build_lstm(Case& c, const Layer& l) {
  const Dims state{l.rows, l.units}, gates{l.rows, 4 * l.units};
  const ValueId given = c.input(F32, {l.trips, l.rows, 4 * l.units});
  const ValueId hidden = c.input(F32, state), cell = c.input(F32, state);
  const ValueId weights = c.weights(F32, {4 * l.units, l.units});
  const auto inside = [&](const Dims& dims) { return c.graph.value(F32, dims, RDU_ROLE_INPUT); };
  const Body b{inside(gates),       inside(state),       inside(state),
               c.inner(F32, gates), c.inner(F32, state), c.inner(F32, state)};
  auto& body = c.graph.variant().graphs.emplace_back();
  body.inputs = {b.given, b.hidden, b.cell};
  body.outputs = {b.next_hidden, b.next_cell};
  body.nodes = {sums_of(l, b, weights), state_of(l, b), output_of(l, b)};
  const ValueId all = c.output(F32, {l.trips, l.rows, l.units}), last = c.output(F32, state),
                last_cell = c.output(F32, state);
  Node scan;
  scan.pattern = RDU_PATTERN_SCAN;
  scan.loops = {{l.trips, RDU_NONE, RDU_LOOP_PLAIN}};
  scan.graphs[0] = 1;
  scan.ports = {sliced(given, b.given, 0), stacked(b.next_hidden, all, 0),
                carried(hidden, b.hidden, b.next_hidden, last),
                carried(cell, b.cell, b.next_cell, last_cell)};
  scan.writes = {{all, {}}, {last, {}}, {last_cell, {}}};
  c.graph.add(scan);
  c.operations = 8.0 * static_cast<double>(l.trips * l.rows * l.units * l.units);
}

}  // namespace

void add_recurrent() {
  add_case("lstm/64_steps_of_128", [](Case& c) { build_lstm(c, {64, 1, 128}); });
  add_case("lstm/64_steps_of_8x256", [](Case& c) { build_lstm(c, {64, 8, 256}); });
}

}  // namespace cpu_bench
