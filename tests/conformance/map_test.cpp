// map: accesses that are always inside (broadcast, transpose, stride, flip, div, mod), several results, scalars.
#include "tests/conformance/case.hpp"
#include "tests/conformance/suite.hpp"

namespace conformance {

CONFORMANCE_CASE("map: transpose") {
  Case c;
  const ValueId x = c.input(F32, {2, 3}, iota(6)), y = c.output(F32, {3, 2});
  Node n = map({3, 2});
  n.reads = {read(x, {loop(1), loop(0)})};
  n.body = copy_of(F32);
  n.writes = {{y, {}}};
  c.add(n);
  c.run();
  CHECK_SAME(c.get(y), {0, 3, 1, 4, 2, 5});
}

CONFORMANCE_CASE("map: broadcast, offset, stride and flip") {
  Case c;
  const ValueId x = c.input(I32, {8}, iota(8)), row = c.input(I32, {1, 4}, {100, 200, 300, 400});
  const ValueId y = c.output(I32, {2, 4});
  Node n = map({2, 4});
  n.reads = {read(x, {-2 * loop(1) + loop(0) + 6}), read(row, {fixed(0), loop(1)})};
  Code code;
  const auto a = code.load(0, I32), b = code.load(1, I32);
  n.body = code.result({code.op(RDU_OP_ADD, I32, a, b)});
  n.writes = {{y, {}}};
  c.add(n);
  c.run();
  CHECK_SAME(c.get(y), {106, 204, 302, 400, 107, 205, 303, 401});
}

CONFORMANCE_CASE("map: floor division and modulo split a loop") {
  Case c;
  const ValueId x = c.input(I16, {3, 4}, iota(12)), y = c.output(I16, {12});
  Node n = map({12});
  n.reads = {read(x, {loop(0) / 4, loop(0) % 4})};
  n.body = copy_of(I16);
  n.writes = {{y, {}}};
  c.add(n);
  c.run();
  CHECK_SAME(c.get(y), iota(12));
}

CONFORMANCE_CASE("map: floor and Euclidean modulo of negative numerators") {
  Case c;
  // floor((i - 5) / 2) mod 4 for i = 0…9: -3 -2 -2 -1 -1 0 0 1 1 2 → 1 2 2 3 3 0 0 1 1 2
  const ValueId x = c.input(F32, {4}, {10, 20, 30, 40}), y = c.output(F32, {10});
  Node n = map({10});
  n.reads = {read(x, {((loop(0) - 5) / 2) % 4})};
  n.body = copy_of(F32);
  n.writes = {{y, {}}};
  c.add(n);
  c.run();
  CHECK_SAME(c.get(y), {20, 30, 30, 40, 40, 10, 10, 20, 20, 30});
}

CONFORMANCE_CASE("map: several results and writes at an access") {
  Case c;
  const ValueId x = c.input(F32, {2, 2}, {1, -2, 3, -4});
  const ValueId negated = c.output(F32, {2, 2}), turned = c.output(F32, {2, 2});
  Node n = map({2, 2});
  n.reads = {read(x, {loop(0), loop(1)})};
  Code code;
  const auto v = code.load(0, F32);
  n.body = code.result({code.op(RDU_OP_NEG, F32, v), v});
  n.writes = {{negated, {}}, {turned, {loop(1), loop(0)}}};
  c.add(n);
  c.run();
  CHECK_SAME(c.get(negated), {-1, 2, -3, 4});
  CHECK_SAME(c.get(turned), {1, 3, -2, -4});
}

CONFORMANCE_CASE("map: scalars have no loops") {
  Case c;
  const ValueId x = c.input(F64, {}, {2.5L}), y = c.output(F64, {});
  Node n = map({});
  n.reads = {read(x, {})};
  Code code;
  const auto v = code.load(0, F64);
  n.body = code.result({code.op(RDU_OP_MUL, F64, v, v)});
  n.writes = {{y, {}}};
  c.add(n);
  c.run();
  CHECK_SAME(c.get(y), {6.25L});
}

CONFORMANCE_CASE("map: no elements") {
  Case c;
  const ValueId x = c.input(F32, {2, 0}, {}), y = c.output(F32, {2, 0}), z = c.output(F32, {});
  Node n = map({2, 0});
  n.reads = {read(x, {loop(0), loop(1)})};
  n.body = copy_of(F32);
  n.writes = {{y, {}}};
  c.add(n);
  Node one = map({});
  Code code;
  const auto v = code.number(F32, 7);
  one.body = code.result({v});
  one.writes = {{z, {}}};
  c.add(one);
  c.run();
  CHECK_SAME(c.get(y), {});
  CHECK_SAME(c.get(z), {7});
}

CONFORMANCE_CASE("map: eight loops") {
  Case c;
  const Dims dims{2, 1, 2, 2, 1, 2, 2, 3};
  const ValueId x = c.input(I32, dims, iota(96)), y = c.output(I32, {3, 2, 2, 1, 2, 2, 1, 2});
  Node n = map({3, 2, 2, 1, 2, 2, 1, 2});
  n.reads = {read(x, {loop(7), loop(6), loop(5), loop(4), loop(3), loop(2), loop(1), loop(0)})};
  n.body = copy_of(I32);
  n.writes = {{y, {}}};
  c.add(n);
  c.run();
  Numbers expected;
  for (int i = 0; i < 96;
       ++i) {  // the digits of i in the output's order, read backwards in the input's
    const int a = i / 32, b = i / 16 % 2, d = i / 8 % 2, e = i / 4 % 2, f = i / 2 % 2, h = i % 2;
    expected.push_back((((h * 2 + f) * 2 + e) * 2 + d) * 6 + b * 3 + a);
  }
  CHECK_SAME(c.get(y), expected);
}

CONFORMANCE_CASE("map: INDEX is the position of a loop, INSIDE says what was padded") {
  Case c;
  const ValueId x = c.input(I64, {3}, {7, 8, 9}), y = c.output(I64, {2, 5}),
                in = c.output(BOOL, {2, 5});
  Node n = map({2, 5});
  n.reads = {read(x, {with(RDU_OUTSIDE_FILL, loop(1) - 1)}, 1000)};
  Code code;
  const auto v = code.load(0, I64), i = code.index(0), j = code.index(1),
             ten = code.number(I64, 10);
  const auto sum = code.op(RDU_OP_ADD, I64, v, code.op(RDU_OP_FMA, I64, i, ten, j));
  n.body = code.result({sum, code.inside(0)});
  n.writes = {{y, {}}, {in, {}}};
  c.add(n);
  c.run();
  CHECK_SAME(c.get(y), {1000, 8, 10, 12, 1004, 1010, 18, 20, 22, 1014});
  CHECK_SAME(c.get(in), {0, 1, 1, 1, 0, 0, 1, 1, 1, 0});
}

CONFORMANCE_CASE("map: RNG is the stated hash of seed and position") {
  Case c;
  const ValueId y = c.output(F64, {2, 3}), z = c.output(F32, {2, 3});
  Node n = map({2, 3});
  Code code;
  const auto wide = code.op(RDU_OP_RNG, F64, 0, 0, 0, 42),
             narrow = code.op(RDU_OP_RNG, F32, 0, 0, 0, 42);
  n.body = code.result({wide, narrow});
  n.writes = {{y, {}}, {z, {}}};
  c.add(n);
  c.run();
  Numbers expected_wide, expected_narrow;
  for (std::uint64_t position = 0; position < 6; ++position) {
    std::uint64_t z64 = 42 + (position + 1) * 0x9e3779b97f4a7c15u;
    z64 = (z64 ^ (z64 >> 30)) * 0xbf58476d1ce4e5b9u;
    z64 = (z64 ^ (z64 >> 27)) * 0x94d049bb133111ebu;
    z64 ^= z64 >> 31;
    expected_wide.push_back(static_cast<Number>(z64 >> 11) * 0x1p-53L);
    expected_narrow.push_back(static_cast<Number>(z64 >> 40) * 0x1p-24L);
  }
  CHECK_SAME(c.get(y), expected_wide);
  CHECK_SAME(c.get(z), expected_narrow);
}

}  // namespace conformance
