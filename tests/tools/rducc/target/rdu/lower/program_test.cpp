// Vector programs on chips: integers, truths, positions, choices; what is declined.
#include <catch2/catch.hpp>

#include "tests/tools/rducc/graphs.hpp"
#include "tests/tools/rducc/target/rdu/lower/chip_run.hpp"

using namespace rducc::test;
using rdu_test::require_same_on_chips;
using rducc::ir::along;
using rducc::ir::Body;
using rducc::ir::kNone;
using rducc::ir::ReduceSpec;
using rducc::ir::Reg;

TEST_CASE("a mask of integers") {
  TestGraph g;
  const ValueId mask = g.input({3, 19}, RDU_DTYPE_I64);
  g.output(
      g.b().map(RDU_DTYPE_F32, {3, 19}, {g.b().read(mask, {along(0), along(1)})},
                [](Body& body, std::span<const Reg> r) {
                  const Reg real = body.cast(r[0], RDU_DTYPE_F32);
                  const Reg off = body.binary(RDU_OP_SUB, body.constant(RDU_DTYPE_F32, 1), real);
                  body.result(body.binary(RDU_OP_MUL, off, body.constant(RDU_DTYPE_F32, -10000)));
                }));
  require_same_on_chips(g.variant());
}

TEST_CASE("a choice by position") {
  TestGraph g;
  const ValueId x = g.input({4, 18});
  g.output(g.b().map(RDU_DTYPE_F32, {4, 18}, {g.b().read(x, {along(0), along(1)})},
                     [](Body& body, std::span<const Reg> r) {
                       const Reg at = body.index(1);
                       const Reg low = body.binary(RDU_OP_LT, at, body.constant(RDU_DTYPE_I64, 7));
                       body.result(body.select(low, r[0], body.unary(RDU_OP_NEG, r[0])));
                     }));
  require_same_on_chips(g.variant());
}

TEST_CASE("positions of the largest") {
  for (const rdu_combine_op combine : {RDU_COMBINE_ARGMAX_FIRST, RDU_COMBINE_ARGMIN_LAST}) {
    TestGraph g;
    const ValueId x = g.input({6, 33});
    ReduceSpec spec;
    spec.loops = {{6, kNone, RDU_LOOP_PLAIN}, {33, kNone, RDU_LOOP_PLAIN}};
    spec.num_parallel = 1;
    spec.dims = {6};
    spec.reads = {g.b().read(x, {along(0), along(1)})};
    spec.body = [](Body& body, std::span<const Reg> r) { body.result(r[0]); };
    spec.combine = combine;
    spec.dtype = RDU_DTYPE_I64;
    g.output(g.b().reduce(std::move(spec)));
    require_same_on_chips(g.variant());
  }
}

TEST_CASE("nodes one after another, and a join") {
  TestGraph g;
  const ValueId x = g.input({7, 25});
  const std::int64_t axes[] = {1};
  const ValueId most =
      g.b().reduce_axes(x, axes, true, RDU_COMBINE_MAX, RDU_DTYPE_F32, RDU_DTYPE_F32);
  const ValueId shifted =
      g.b().elementwise(RDU_DTYPE_F32, {x, most}, [](Body& body, std::span<const Reg> r) {
        body.result(body.unary(RDU_OP_EXP, body.binary(RDU_OP_SUB, r[0], r[1])));
      });
  const ValueId sum =
      g.b().reduce_axes(shifted, axes, true, RDU_COMBINE_ADD, RDU_DTYPE_F32, RDU_DTYPE_F32);
  const ValueId shares = g.b().elementwise(RDU_DTYPE_F32, {shifted, sum}, binary(RDU_OP_DIV));
  const ValueId both[] = {shares, x};
  g.output(g.b().concat(both, 1));
  require_same_on_chips(g.variant());
}
