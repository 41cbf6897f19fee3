// Values that several nodes write (joins), values that share bytes (aliases), bounded extents, variables, sections.
#include "tests/conformance/case.hpp"
#include "tests/conformance/suite.hpp"

namespace conformance {
namespace {

Node copy(ValueId from, ValueId to, const Dims& extents, Access from_access, Access to_access,
          rdu_dtype dtype) {
  Node n = map(extents);
  n.reads = {read(from, std::move(from_access))};
  n.body = copy_of(dtype);
  n.writes = {{to, std::move(to_access)}};
  return n;
}

// to = from + 1, over one dimension.
Node plus_one(ValueId from, ValueId to, std::int64_t extent) {
  Node n = map({extent});
  n.reads = {read(from, {loop(0)})};
  Code code;
  const auto v = code.load(0, F32), one = code.number(F32, 1);
  n.body = code.result({code.op(RDU_OP_ADD, F32, v, one)});
  n.writes = {{to, {}}};
  return n;
}

}  // namespace

CONFORMANCE_CASE("join: concatenation") {
  Case c;
  const ValueId a = c.input(F32, {2, 2}, {1, 2, 3, 4}),
                b = c.input(F32, {2, 3}, {5, 6, 7, 8, 9, 10});
  const ValueId y = c.output(F32, {2, 5});
  c.add(copy(a, y, {2, 2}, {loop(0), loop(1)}, {loop(0), loop(1)}, F32));
  c.add(copy(b, y, {2, 3}, {loop(0), loop(1)}, {loop(0), loop(1) + 2}, F32));
  c.run();
  CHECK_SAME(c.get(y), {1, 2, 5, 6, 7, 3, 4, 8, 9, 10});
}

CONFORMANCE_CASE("join: interleaved phases, read by a later node") {
  Case c;
  const ValueId a = c.input(I32, {3}, {0, 2, 4}), b = c.input(I32, {3}, {1, 3, 5});
  const ValueId joined = c.inner(I32, {6}), y = c.output(I32, {6});
  c.add(copy(a, joined, {3}, {loop(0)}, {2 * loop(0)}, I32));
  c.add(copy(b, joined, {3}, {loop(0)}, {2 * loop(0) + 1}, I32));
  c.add(copy(joined, y, {6}, {-1 * loop(0) + 5}, {loop(0)}, I32));
  c.run();
  CHECK_SAME(c.get(y), {5, 4, 3, 2, 1, 0});
}

CONFORMANCE_CASE("alias: a reshape shares the bytes of what it reshapes") {
  Case c;
  const ValueId x = c.input(F32, {6}, iota(6)), sum = c.inner(F32, {6}), y = c.output(F32, {3, 2});
  const ValueId square = c.alias(sum, {2, 3});
  c.add(plus_one(x, sum, 6));
  c.add(copy(square, y, {3, 2}, {loop(1), loop(0)}, {loop(0), loop(1)}, F32));
  c.run();
  CHECK_SAME(c.get(y), {1, 4, 2, 5, 3, 6});
}

CONFORMANCE_CASE("alias: of an input and of an output") {
  Case c;
  const ValueId x = c.input(F32, {2, 3}, iota(6)), y = c.output(F32, {6});
  const ValueId flat = c.alias(x, {6});
  const ValueId block = c.alias(y, {3, 2});
  c.add(copy(flat, block, {3, 2}, {2 * loop(0) + loop(1)}, {loop(0), loop(1)}, F32));
  c.run();
  CHECK_SAME(c.get(y), iota(6));
}

CONFORMANCE_CASE("sections: values cross from one to the next, storage is reused") {
  Case c;
  c.one_section_per_node();
  const std::int64_t length = 1000;
  ValueId last = c.input(F32, {length}, iota(1000));
  for (int i = 0; i < 9; ++i) {
    const ValueId next = c.inner(F32, {length});
    c.add(plus_one(last, next, length));
    last = next;
  }
  const ValueId y = c.output(F32, {length});
  c.add(plus_one(last, y, length));
  c.run();
  CHECK_SAME(c.get(y), iota(1000, 10));
}

CONFORMANCE_CASE("bounded: loops run to the extent, storage has the bound") {
  Case c;
  const ValueId length = c.input(I64, {}, {3}), x = c.input(F32, {2, 5}, iota(10)),
                y = c.output(F32, {2});
  c.bound(x, 1, length);
  Node n = reduce({2, 5}, 1, RDU_COMBINE_ADD, F32);
  n.loops[1].extent_value = length;
  n.reads = {read(x, {loop(0), loop(1)})};
  n.body = copy_of(F32);
  n.writes = {{y, {}}};
  c.add(n);
  c.run();
  CHECK_SAME(c.get(y), {0 + 1 + 2, 5 + 6 + 7});
  c.set(length, {5});
  c.run();
  CHECK_SAME(c.get(y), {10, 35});
  c.set(length, {0});
  c.run();
  CHECK_SAME(c.get(y), {0, 0});
}

CONFORMANCE_CASE("bounded: an extent beyond its bound fails the run") {
  Case c;
  const ValueId length = c.input(I64, {}, {6}), x = c.input(F32, {5}, iota(5)),
                y = c.output(F32, {});
  c.bound(x, 0, length);
  Node n = reduce({5}, 0, RDU_COMBINE_ADD, F32);
  n.loops[0].extent_value = length;
  n.reads = {read(x, {loop(0)})};
  n.body = copy_of(F32);
  n.writes = {{y, {}}};
  c.add(n);
  CHECK(c.try_run().code == RDU_ERR_OUT_OF_RANGE);
  c.set(length, {-1});
  CHECK(c.try_run().code == RDU_ERR_OUT_OF_RANGE);
  c.set(length, {5});
  CHECK(c.try_run().ok());
}

CONFORMANCE_CASE("bounded: rules for the outside use the actual extent") {
  Case c;
  const ValueId length = c.input(I64, {}, {2}), x = c.input(F32, {4}, {1, 2, 3, 4}),
                y = c.output(F32, {6});
  c.bound(x, 0, length);
  Node n = map({6});
  n.reads = {read(x, {with(RDU_OUTSIDE_FILL, loop(0) - 1)}, 9)};
  n.body = copy_of(F32);
  n.writes = {{y, {}}};
  c.add(n);
  c.run();
  CHECK_SAME(c.get(y), {9, 1, 2, 9, 9, 9});
}

CONFORMANCE_CASE("bounded: the keys of an attention grow with the length") {
  Case c;
  const ValueId length = c.input(I64, {}, {2}), q = c.input(F32, {3}, {1, 2, 3});
  const ValueId keys = c.input(F32, {4, 3}, iota(12)), y = c.output(F32, {4});
  c.bound(keys, 0, length);
  c.bound(y, 0, length);
  Node n = contract({4, 3}, 1, {RDU_LOOP_N, RDU_LOOP_K}, F32, F32);
  n.loops[0].extent_value = length;
  n.reads = {read(q, {loop(1)}), read(keys, {loop(0), loop(1)})};
  n.writes = {{y, {}}};
  c.add(n);
  c.run();
  const Numbers two = c.get(y);
  CHECK_SAME(Numbers(two.begin(), two.begin() + 2), {8, 26});
  c.set(length, {4});
  c.run();
  CHECK_SAME(c.get(y), {8, 26, 44, 62});
}

CONFORMANCE_CASE("variable: updated in place by each run") {
  Case c;
  const ValueId total = c.input(F32, {2}, {0, 0}), x = c.input(F32, {2}, {1, 10}),
                next = c.output(F32, {2});
  Node n = map({2});
  n.reads = {read(total, {loop(0)}), read(x, {loop(0)})};
  Code code;
  const auto a = code.load(0, F32), b = code.load(1, F32);
  n.body = code.result({code.op(RDU_OP_ADD, F32, a, b)});
  n.writes = {{next, {}}};
  c.add(n);
  c.variable("total", total, next);
  c.run();
  CHECK_SAME(c.get(next), {1, 10});
  c.set(total, {1, 10});
  c.run();
  CHECK_SAME(c.get(next), {2, 20});
}

}  // namespace conformance
