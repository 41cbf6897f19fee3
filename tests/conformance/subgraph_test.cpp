// scan and control: carried values, slices, stacks, early ends, branches and calls.
#include "tests/conformance/case.hpp"
#include "tests/conformance/ports.hpp"
#include "tests/conformance/suite.hpp"

namespace conformance {
namespace {

Node scan(std::int64_t trips, std::uint32_t body) {
  Node n = node(RDU_PATTERN_SCAN, {trips}, 0);
  n.graphs[0] = body;
  return n;
}

// out = a op b, elementwise over `dims`.
Node binary(rdu_body_op op, rdu_dtype dtype, ValueId a, ValueId b, ValueId out, const Dims& dims) {
  Node n = map(dims);
  Access access;
  for (std::uint32_t d = 0; d < dims.size(); ++d) access.push_back(loop(d));
  n.reads = {read(a, access), read(b, access)};
  Code code;
  const auto x = code.load(0, dtype), y = code.load(1, dtype);
  n.body = code.result({code.op(op, op >= RDU_OP_EQ && op <= RDU_OP_GE ? BOOL : dtype, x, y)});
  n.writes = {{out, {}}};
  return n;
}

// A sub-graph's input and inner value.
ValueId inner_input(Case& c, std::uint32_t graph, rdu_dtype dtype, const Dims& dims) {
  const ValueId id = c.inner(dtype, dims);
  c.graph_input(graph, id);
  return id;
}
ValueId inner_output(Case& c, std::uint32_t graph, rdu_dtype dtype, const Dims& dims) {
  const ValueId id = c.inner(dtype, dims);
  c.graph(graph).outputs.push_back(id);
  return id;
}

// A running sum over `axis` of x [2, 3] (or its slices of the other length).
Numbers cumulative(std::int32_t axis, bool reverse) {
  Case c;
  const std::uint32_t body = c.add_graph();
  const std::int64_t trips = axis == 0 ? 2 : 3, width = axis == 0 ? 3 : 2;
  const ValueId x = c.input(F32, {2, 3}, {1, 2, 3, 4, 5, 6}),
                zero = c.constant(F32, {width}, Numbers(width, 0));
  const ValueId y = c.output(F32, {2, 3}), total = c.output(F32, {width});
  const ValueId sum = inner_input(c, body, F32, {width}),
                slice = inner_input(c, body, F32, {width});
  const ValueId next = inner_output(c, body, F32, {width});
  c.add(binary(RDU_OP_ADD, F32, sum, slice, next, {width}), body);
  Node n = scan(trips, body);
  n.ports = {carried(zero, sum, next, total), sliced(x, slice, axis, reverse),
             stacked(next, y, axis, reverse)};
  c.add(n);
  c.run();
  Numbers all = c.get(y);
  for (const Number t : c.get(total)) all.push_back(t);
  return all;
}

}  // namespace

CONFORMANCE_CASE("scan: cumulative sum along each axis, both ways") {
  CHECK_SAME(cumulative(0, false), {1, 2, 3, 5, 7, 9, 5, 7, 9});
  CHECK_SAME(cumulative(0, true), {5, 7, 9, 4, 5, 6, 5, 7, 9});
  CHECK_SAME(cumulative(1, false), {1, 3, 6, 4, 9, 15, 6, 15});
  CHECK_SAME(cumulative(1, true), {6, 5, 3, 15, 11, 6, 6, 15});
}

CONFORMANCE_CASE("scan: two carried values change places") {
  Case c;
  const std::uint32_t body = c.add_graph();
  const ValueId a0 = c.input(I64, {}, {0}), b0 = c.input(I64, {}, {1});
  const ValueId a = inner_input(c, body, I64, {}), b = inner_input(c, body, I64, {});
  const ValueId sum = inner_output(c, body, I64, {});
  const ValueId same_b = inner_output(c, body, I64, {});
  c.add(binary(RDU_OP_MAX, I64, b, b, same_b, {}), body);
  c.add(binary(RDU_OP_ADD, I64, a, b, sum, {}), body);
  const ValueId last_a = c.output(I64, {}), last_b = c.output(I64, {}), all = c.output(I64, {10});
  Node n = scan(10, body);
  n.ports = {carried(a0, a, same_b, last_a), carried(b0, b, sum, last_b), stacked(sum, all, 0)};
  c.add(n);
  c.run();
  CHECK_SAME(c.get(all), {1, 2, 3, 5, 8, 13, 21, 34, 55, 89});
  CHECK_SAME(c.get(last_a), {55});
  CHECK_SAME(c.get(last_b), {89});
}

CONFORMANCE_CASE("scan: a trip count from data, the iteration, a capture") {
  Case c;
  const std::uint32_t body = c.add_graph();
  const ValueId trips = c.input(I64, {}, {4}), step = c.input(I64, {}, {10}),
                start = c.input(I64, {}, {1});
  const ValueId total = c.output(I64, {});
  const ValueId sum = inner_input(c, body, I64, {}), i = inner_input(c, body, I64, {}),
                by = inner_input(c, body, I64, {});
  const ValueId product = c.inner(I64, {}), next = inner_output(c, body, I64, {});
  c.add(binary(RDU_OP_MUL, I64, i, by, product, {}), body);
  c.add(binary(RDU_OP_ADD, I64, sum, product, next, {}), body);
  Node n = scan(100, body);
  n.condition = trips;
  n.ports = {carried(start, sum, next, total), iteration(i), capture(step, by)};
  c.add(n);
  c.run();
  CHECK_SAME(c.get(total), {1 + 10 * (0 + 1 + 2 + 3)});
  c.set(trips, {0});
  c.run();
  CHECK_SAME(c.get(total), {1});
  c.set(trips, {1});
  c.set(start, {-5});
  c.run();
  CHECK_SAME(c.get(total), {-5});
}

CONFORMANCE_CASE("scan: goes on while a condition holds") {
  Case c;
  const std::uint32_t body = c.add_graph();
  const ValueId start = c.input(F32, {}, {1}), run = c.input(BOOL, {}, {1}),
                limit = c.input(F32, {}, {100});
  const ValueId last = c.output(F32, {});
  const ValueId x = inner_input(c, body, F32, {}), top = inner_input(c, body, F32, {});
  const ValueId next = inner_output(c, body, F32, {}), go_on = inner_output(c, body, BOOL, {});
  c.add(binary(RDU_OP_ADD, F32, x, x, next, {}), body);
  c.add(binary(RDU_OP_LT, F32, next, top, go_on, {}), body);
  Node n = scan(1000, body);
  n.ports = {carried(start, x, next, last), capture(limit, top), keep(run, kNone, go_on)};
  c.add(n);
  c.run();
  CHECK_SAME(c.get(last), {128});
  c.set(run, {0});
  c.run();
  CHECK_SAME(c.get(last), {1});
}

CONFORMANCE_CASE("scan: inside a scan") {
  Case c;
  const std::uint32_t outer = c.add_graph(), inner = c.add_graph();
  const ValueId x = c.input(I32, {3, 4}, iota(12)), zero = c.constant(I32, {}, {0}),
                sums = c.output(I32, {3});
  const ValueId row = inner_input(c, outer, I32, {4}), nothing = inner_input(c, outer, I32, {});
  const ValueId row_sum = inner_output(c, outer, I32, {});
  const ValueId element = inner_input(c, inner, I32, {}), sum = inner_input(c, inner, I32, {});
  const ValueId next = inner_output(c, inner, I32, {});
  c.add(binary(RDU_OP_ADD, I32, sum, element, next, {}), inner);
  Node deep = scan(4, inner);
  deep.ports = {carried(nothing, sum, next, row_sum), sliced(row, element, 0)};
  c.add(deep, outer);
  Node n = scan(3, outer);
  n.ports = {sliced(x, row, 0), capture(zero, nothing), stacked(row_sum, sums, 0)};
  c.add(n);
  c.run();
  CHECK_SAME(c.get(sums), {6, 22, 38});
}

CONFORMANCE_CASE("control: takes one of two branches") {
  Case c;
  const std::uint32_t yes = c.add_graph(), no = c.add_graph();
  const ValueId condition = c.input(BOOL, {}, {1}), a = c.input(F32, {2}, {3, 4}),
                b = c.input(F32, {2}, {10, 20});
  const ValueId y = c.output(F32, {2});
  Node n = node(RDU_PATTERN_CONTROL, {}, 0);
  n.condition = condition;
  n.graphs = {yes, no};
  const rdu_body_op ops[] = {RDU_OP_ADD, RDU_OP_MUL};
  for (std::uint32_t slot = 0; slot < 2; ++slot) {
    const std::uint32_t branch = n.graphs[slot];
    const ValueId inner_a = inner_input(c, branch, F32, {2}),
                  inner_b = inner_input(c, branch, F32, {2});
    const ValueId out = inner_output(c, branch, F32, {2});
    c.add(binary(ops[slot], F32, inner_a, inner_b, out, {2}), branch);
    n.ports.push_back(capture(a, inner_a, slot));
    n.ports.push_back(capture(b, inner_b, slot));
    n.ports.push_back(result(out, y, slot));
  }
  c.add(n);
  c.run();
  CHECK_SAME(c.get(y), {13, 24});
  c.set(condition, {0});
  c.run();
  CHECK_SAME(c.get(y), {30, 80});
}

CONFORMANCE_CASE("control: a call within a call") {
  Case c;
  const std::uint32_t outer = c.add_graph(), inner = c.add_graph();
  const ValueId x = c.input(I32, {3}, {1, 2, 3}), y = c.output(I32, {3});
  const ValueId in = inner_input(c, outer, I32, {3}), deep = inner_input(c, inner, I32, {3});
  const ValueId squared = c.inner(I32, {3}), out = inner_output(c, outer, I32, {3});
  const ValueId deep_out = inner_output(c, inner, I32, {3});
  c.add(binary(RDU_OP_MUL, I32, deep, deep, deep_out, {3}), inner);
  Node call = node(RDU_PATTERN_CONTROL, {}, 0);
  call.graphs[0] = inner;
  call.ports = {capture(in, deep), result(deep_out, squared, 0)};
  c.add(call, outer);
  c.add(binary(RDU_OP_ADD, I32, squared, in, out, {3}), outer);
  Node n = node(RDU_PATTERN_CONTROL, {}, 0);
  n.graphs[0] = outer;
  n.ports = {capture(x, in), result(out, y, 0)};
  c.add(n);
  c.run();
  CHECK_SAME(c.get(y), {2, 6, 12});
}

}  // namespace conformance
