// Positions that come back into a dimension on chips: clamped, reflected, of constant words and more, and around convolutions.
#include <catch2/catch.hpp>

#include "tests/tools/rducc/graphs.hpp"
#include "tests/tools/rducc/target/rdu/lower/chip_run.hpp"

using namespace rducc::test;
using rdu_test::require_same_on_chips;
using rducc::ir::along;
using rducc::ir::Body;
using rducc::ir::Index;
using rducc::ir::kNone;
using rducc::ir::outside;
using rducc::ir::ReduceSpec;
using rducc::ir::Reg;

namespace {

const std::uint32_t kBending[] = {RDU_OUTSIDE_CLAMP, RDU_OUTSIDE_REFLECT};

// ⌊(coef · loop + offset) / div⌋
Index position(std::uint32_t loop, std::int64_t coef, std::int64_t offset, std::int64_t div,
               std::uint32_t rule) {
  Index index = along(loop, coef, offset);
  index.div = div;
  return outside(index, rule);
}

}  // namespace

TEST_CASE("borders of all sides, farther out than the dimension is long") {
  for (const std::uint32_t rule : kBending) {
    TestGraph g;
    const ValueId x = g.input({2, 5, 7});
    g.output(g.b().map(
        RDU_DTYPE_F32, {2, 13, 40},
        {g.b().read(x, {along(0), position(1, 1, -4, 1, rule), position(2, 1, -17, 1, rule)})},
        unary(RDU_OP_NEG)));
    require_same_on_chips(g.variant());
  }
}

TEST_CASE("one border is a scalar for all lanes, the other one turns and steps") {
  for (const std::uint32_t rule : kBending) {
    TestGraph g;
    const ValueId x = g.input({6, 35}), y = g.input({9, 35});
    g.output(g.b().map(RDU_DTYPE_F32, {9, 35},
                       {g.b().read(x, {position(0, -3, 11, 2, rule), along(1)}),
                        g.b().read(y, {along(0), along(1)}),
                        g.b().read(x, {position(0, 1, 0, 2, rule), position(1, 2, -9, 3, rule)})},
                       [](Body& body, std::span<const Reg> r) {
                         body.result(
                             body.binary(RDU_OP_ADD, body.binary(RDU_OP_MUL, r[0], r[1]), r[2]));
                       }));
    require_same_on_chips(g.variant());
  }
}

TEST_CASE("taps around positions that a constant says") {
  for (const std::uint32_t rule : kBending) {
    TestGraph g;
    const std::vector<std::int64_t> first = {-3, -1, 0, 2, 2, 5, 9};
    Index tap;
    tap.source =
        g.b().add_constant(rducc::ir::make_tensor(RDU_DTYPE_I64, Dims{7}, std::span(first)));
    tap.source_access = {along(0)};
    tap.terms = {{2, 1}};
    tap.offset = -1;
    ReduceSpec spec;
    spec.loops = {
        {7, kNone, RDU_LOOP_PLAIN}, {18, kNone, RDU_LOOP_PLAIN}, {4, kNone, RDU_LOOP_PLAIN}};
    spec.num_parallel = 2;
    spec.dims = {7, 18};
    spec.reads = {g.b().read(g.input({8, 18}), {outside(tap, rule), along(1)})};
    spec.body = [](Body& body, std::span<const Reg> r) { body.result(r[0]); };
    g.output(g.b().reduce(std::move(spec)));
    require_same_on_chips(g.variant());
  }
}

TEST_CASE("convolutions whose borders repeat or reflect what is inside") {
  for (const std::uint32_t rule : kBending) {
    TestGraph g;
    const ValueId y = conv(g.b(), g.input({1, 3, 9, 9}), g.weights({5, 3, 3, 3}, 1), 2);
    for (const std::size_t d : {2, 3}) {
      g.variant().graphs[0].nodes.back().reads[0].access[d].outside = rule;
    }
    g.output(y);
    for (const std::string schedule : {"", "?schedule=kernel", "?schedule=kernel-sram"}) {
      require_same_on_chips(g.variant(), 1e-5, {"plasticine" + schedule, "sn10" + schedule});
    }
  }
}
