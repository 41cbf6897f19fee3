// Maps on chips: sizes with and without tails, broadcasts, transposes, padding, strides, several results.
#include <catch2/catch.hpp>

#include "tests/tools/rducc/graphs.hpp"
#include "tests/tools/rducc/target/rdu/lower/chip_run.hpp"

using namespace rducc::test;
using rdu_test::require_same_on_chips;
using rducc::ir::along;
using rducc::ir::Body;
using rducc::ir::identity_access;
using rducc::ir::Reg;

TEST_CASE("a map of one operand, with a tail") {
  TestGraph g;
  const ValueId x = g.input({3, 37});
  g.output(
      g.b().map(RDU_DTYPE_F32, {3, 37}, {g.b().read(x, identity_access(2))}, unary(RDU_OP_NEG)));
  require_same_on_chips(g.variant());
}

TEST_CASE("a map that broadcasts rows, columns and a scalar") {
  TestGraph g;
  const ValueId x = g.input({5, 21}), row = g.input({21}), column = g.input({5}), one = g.input({});
  g.output(g.b().map(RDU_DTYPE_F32, {5, 21},
                     {g.b().read(x, identity_access(2)), g.b().read(row, {along(1)}),
                      g.b().read(column, {along(0)}), g.b().read(one, {})},
                     [](Body& body, std::span<const Reg> r) {
                       const Reg scaled = body.binary(RDU_OP_MUL, r[0], r[1]);
                       const Reg moved = body.binary(RDU_OP_ADD, scaled, r[2]);
                       body.result(body.binary(RDU_OP_MAX, moved, r[3]));
                     }));
  require_same_on_chips(g.variant());
}

TEST_CASE("a transposed and a strided operand") {
  TestGraph g;
  const ValueId x = g.input({19, 6}), y = g.input({12, 40});
  g.output(
      g.b().map(RDU_DTYPE_F32, {6, 19},
                {g.b().read(x, {along(1), along(0)}), g.b().read(y, {along(0, 2, 1), along(1, 2)})},
                binary(RDU_OP_SUB)));
  require_same_on_chips(g.variant());
}

TEST_CASE("padding with a fill") {
  TestGraph g;
  const ValueId x = g.input({4, 5, 7});
  using rducc::ir::outside;
  g.output(g.b().map(RDU_DTYPE_F32, {4, 8, 11},
                     {g.b().read_fill(x,
                                      {along(0), outside(along(1, 1, -1), RDU_OUTSIDE_FILL),
                                       outside(along(2, 1, -2), RDU_OUTSIDE_FILL)},
                                      2.5)},
                     unary(RDU_OP_ABS)));
  require_same_on_chips(g.variant());
}

TEST_CASE("functions that not every chip has") {
  TestGraph g;
  const ValueId x = g.input({50});
  g.output(g.b().map(RDU_DTYPE_F32, Dims{50}, {g.b().read(x, {along(0)})},
                     [](Body& body, std::span<const Reg> r) {
                       const Reg e = body.unary(RDU_OP_ERF, r[0]);
                       const Reg t = body.unary(RDU_OP_TANH, r[0]);
                       const Reg s = body.unary(RDU_OP_RCP, body.unary(RDU_OP_EXP, r[0]));
                       body.result(body.binary(RDU_OP_ADD, body.binary(RDU_OP_ADD, e, t), s));
                     }));
  require_same_on_chips(g.variant(), 2e-6);
}
