// The arithmetic on shapes, on sums of scalars that only a run knows.
#include "tools/rducc/analysis/symbols.hpp"

#include <catch2/catch.hpp>

#include "tests/tools/rducc/graphs.hpp"

namespace rducc::test {
namespace {

using ir::Affine;
using ir::Body;
using ir::Interval;
using ir::Reg;
using ir::Symbol;

// A graph with one run-time length in [0, 60].
class LengthGraph : public TestGraph {
 public:
  LengthGraph() : length_(input({}, RDU_DTYPE_I64)) { b().limit(length_, {0, 60}); }
  ValueId length() const { return length_; }
  Affine sum(std::int64_t factor, std::int64_t constant) const {
    return *ir::sum(*ir::scaled(Affine::of(Symbol{length_, 0}), factor), Affine::of(constant));
  }
  ValueId number(std::int64_t n, rdu_dtype dtype = RDU_DTYPE_I64) {
    return b().add_constant(ir::make_tensor(dtype, {}, std::span<const std::int64_t>(&n, 1)));
  }
  ValueId apply(rdu_body_op op, ValueId x, ValueId y, rdu_dtype dtype = RDU_DTYPE_I64) {
    return b().elementwise(dtype, {x, y}, binary(op));
  }
  Affine told(ValueId id) { return b().integers(id).value()[0]; }

 private:
  ValueId length_;
};

TEST_CASE("sums are sorted, merged and kept in range") {
  const Affine a = Affine::of(Symbol{3, 0}), b = Affine::of(Symbol{1, 2});
  const Affine both = *ir::sum(*ir::scaled(a, 2), *ir::sum(b, Affine::of(5)));
  CHECK(both.terms == decltype(both.terms){{{1, 2}, 1}, {{3, 0}, 2}});
  CHECK(both.constant == 5);
  CHECK(*ir::difference(both, both) == Affine::of(0));
  CHECK(*ir::difference(both, *ir::scaled(a, 2)) == *ir::sum(b, Affine::of(5)));
  CHECK_FALSE(ir::scaled(both, std::int64_t{1} << 60).has_value());
  CHECK_FALSE(ir::sum(Affine::of(std::int64_t{1} << 61), Affine::of(1)).has_value());
}

TEST_CASE("arithmetic on a length stays a sum") {
  LengthGraph g;
  const ValueId longer = g.apply(RDU_OP_ADD, g.length(), g.number(4));
  CHECK(g.told(longer) == g.sum(1, 4));
  CHECK(g.told(g.apply(RDU_OP_MUL, longer, g.number(-3))) == g.sum(-3, -12));
  const ValueId doubled = g.apply(RDU_OP_MUL, g.number(2), longer);
  CHECK(g.told(g.apply(RDU_OP_SUB, doubled, g.length())) == g.sum(1, 8));
  CHECK(g.told(g.apply(RDU_OP_DIV, doubled, g.number(2))) == g.sum(1, 4));
  CHECK(g.told(g.apply(RDU_OP_MOD, doubled, g.number(2))) == Affine::of(0));
  CHECK(g.told(g.b().cast(longer, RDU_DTYPE_I32)) == g.sum(1, 4));
  // What is no sum is a symbol of its own, in the range that follows.
  const ValueId square = g.apply(RDU_OP_MUL, longer, longer);
  CHECK(g.told(square) == Affine::of(Symbol{square, 0}));
  const ValueId half = g.apply(RDU_OP_DIV, longer, g.number(3));
  CHECK(g.b().range(g.told(half)).low == 1);
  CHECK(g.b().range(g.told(half)).high == 21);
}

TEST_CASE("ranges decide comparisons, extremes and choices") {
  LengthGraph g;
  const ValueId longer = g.apply(RDU_OP_ADD, g.length(), g.number(4));
  const auto compare = [&](rdu_body_op op, std::int64_t n) {
    return g.told(g.apply(op, longer, g.number(n), RDU_DTYPE_BOOL));
  };
  CHECK(compare(RDU_OP_EQ, -1) == Affine::of(0));
  CHECK(compare(RDU_OP_NE, 3) == Affine::of(1));
  CHECK(compare(RDU_OP_GE, 4) == Affine::of(1));
  CHECK(compare(RDU_OP_GT, 64) == Affine::of(0));
  CHECK(compare(RDU_OP_LT, 65) == Affine::of(1));
  CHECK_FALSE(compare(RDU_OP_LT, 64).is_constant());
  CHECK(g.told(g.apply(RDU_OP_MIN, longer, g.number(64))) == g.sum(1, 4));
  CHECK(g.told(g.apply(RDU_OP_MAX, longer, g.number(64))) == Affine::of(64));
  const ValueId open = g.apply(RDU_OP_MIN, longer, g.number(32));
  CHECK(g.b().range(g.told(open)).low == 4);
  CHECK(g.b().range(g.told(open)).high == 32);
  const ValueId never = g.apply(RDU_OP_EQ, longer, g.number(-1), RDU_DTYPE_BOOL);
  const ValueId chosen = g.b().elementwise(
      RDU_DTYPE_I64, {never, g.number(1), longer},
      [](Body& b, std::span<const Reg> r) { b.result(b.select(r[0], r[1], r[2])); });
  CHECK(g.told(chosen) == g.sum(1, 4));
}

TEST_CASE("vectors of extents are told element by element") {
  LengthGraph g;
  const std::int64_t constants[] = {2, 7};
  const ValueId known = g.b().add_constant(
      ir::make_tensor(RDU_DTYPE_I64, {2}, std::span<const std::int64_t>(constants)));
  const ValueId parts[] = {known, g.b().reshape(g.length(), {1}), known};
  const ValueId all = g.b().concat(parts, 0);
  const auto told = g.b().integers(all).value();
  REQUIRE(told.size() == 5);
  CHECK(told[1] == Affine::of(7));
  CHECK(told[2] == g.sum(1, 0));
  CHECK(told[3] == Affine::of(2));
  const std::int64_t start = 4, step = -2;
  const ValueId reversed = g.b().slice(all, {&start, 1}, {&step, 1}, {3});
  CHECK(g.b().integers(reversed).value() ==
        std::vector<Affine>{Affine::of(7), g.sum(1, 0), Affine::of(2)});
  const std::int64_t axis = 0;
  const ValueId total =
      g.b().reduce_axes(all, {&axis, 1}, false, RDU_COMBINE_ADD, RDU_DTYPE_I64, RDU_DTYPE_I64);
  CHECK(g.told(total) == g.sum(1, 18));
}

TEST_CASE("a sum becomes one scalar, however it was written") {
  LengthGraph g;
  const auto extent = g.b().extent(g.sum(1, 4));
  CHECK(extent.bound == 64);
  CHECK(g.b().integer(g.sum(1, 4)) == extent.value);
  CHECK(g.b().integer(g.sum(1, 0)) == g.length());
  CHECK(g.b().affine(extent) == g.sum(1, 4));
  // Taken back, it is made anew.
  auto& variant = g.variant();
  const auto first = static_cast<ValueId>(variant.values.size());
  const ValueId taken = g.b().integer(g.sum(2, 1));
  variant.graphs[0].nodes.pop_back();
  g.b().forget_values(first);
  const ValueId again = g.b().integer(g.sum(2, 1));
  CHECK(again != taken);
  CHECK(g.told(again) == g.sum(2, 1));
  CHECK_THROWS(g.b().extent(g.sum(-1, -1)));
  const ValueId unbounded = g.input({}, RDU_DTYPE_I64);
  CHECK_THROWS(g.b().extent(Affine::of(Symbol{unbounded, 0})));
}

}  // namespace
}  // namespace rducc::test
