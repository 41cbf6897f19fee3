// The algebra of accesses against positions counted one by one.
#include "tools/rducc/ir/compose.hpp"

#include <catch2/catch.hpp>
#include <functional>
#include <random>

#include "tools/rducc/analysis/point.hpp"
#include "tools/rducc/ir/builder.hpp"

namespace rducc::ir {
namespace {

std::int64_t floor_div(std::int64_t a, std::int64_t b) {
  return a / b - (a % b != 0 && (a < 0) != (b < 0));
}

std::int64_t position(const Index& index, const Dims& point) {
  std::int64_t at = index.offset;
  for (const auto& term : index.terms) at += term.coef * point[term.loop];
  at = floor_div(at, index.div);
  return index.mod == 0 ? at : at - floor_div(at, index.mod) * index.mod;
}

std::int64_t element(const Access& access, const Dims& dims, const Dims& point) {
  const auto strides = analysis::row_major_strides(dims);
  std::int64_t sum = 0;
  for (std::size_t i = 0; i < access.size(); ++i) sum += position(access[i], point) * strides[i];
  return sum;
}

void for_each_point(const Dims& extents, const std::function<void(const Dims&)>& visit) {
  Dims point(extents.size(), 0);
  while (true) {
    visit(point);
    std::size_t i = extents.size();
    while (i-- > 0 && ++point[i] == extents[i]) point[i] = 0;
    if (i == ~std::size_t{0}) return;
  }
}

TEST_CASE("a reshape of an identity access reads the same bytes") {
  const std::vector<std::pair<Dims, Dims>> cases = {
      {{2, 3, 4}, {6, 4}},  {{6, 4}, {2, 3, 4}},       {{24}, {2, 3, 4}},
      {{1, 6, 1}, {2, 3}},  {{2, 3}, {1, 2, 1, 3, 1}}, {{4, 6}, {2, 2, 3, 2}},
      {{3, 4, 5}, {3, 20}}, {{8, 3}, {2, 12}},         {{1, 1}, {1}}};
  for (const auto& [from, to] : cases) {
    const auto access = reshape_access(identity_access(from.size()), from, to, from);
    REQUIRE(access);
    for_each_point(from, [&, &from = from, &to = to](const Dims& point) {
      REQUIRE(element(*access, to, point) == element(identity_access(from.size()), from, point));
    });
  }
}

TEST_CASE("heads split off a row need no division") {
  // [b, n, h·32 + d] seen as [b, n, h, d]: merging is a sum.
  const Access heads{along(0), along(2), along(1), along(3)};
  const auto merged = reshape_access(heads, Dims{2, 5, 3, 32}, Dims{2, 5, 96}, Dims{2, 3, 5, 32});
  REQUIRE(merged);
  CHECK(is_affine(*merged));
  CHECK((*merged)[2].terms.size() == 2);
  // And the way back undoes it.
  const auto split = reshape_access(*merged, Dims{2, 5, 96}, Dims{2, 5, 3, 32}, Dims{2, 3, 5, 32});
  REQUIRE(split);
  CHECK(*split == heads);
}

TEST_CASE("division and modulo go where extents make them idle") {
  Index index = along(0, 4);
  index.terms.push_back({1, 1});
  index.div = 4;
  const Dims small{8, 4}, large{8, 5};
  Index quotient = index;
  simplify(quotient, small);
  CHECK(quotient == along(0));
  simplify(index, large);
  CHECK(index.div == 4);

  Index rest = along(0, 4);
  rest.terms.push_back({1, 1});
  rest.mod = 4;
  simplify(rest, small);
  CHECK(rest == along(1));
}

TEST_CASE("random compositions keep every position") {
  std::mt19937 engine(7);
  const auto pick = [&](int low, int high) {
    return low + static_cast<int>(engine() % static_cast<unsigned>(high - low + 1));
  };
  std::size_t composed = 0;
  for (int round = 0; round < 2000; ++round) {
    const Dims extents{pick(1, 4), pick(1, 4), pick(1, 3)};
    std::vector<Index> loops(2);
    for (Index& loop : loops) {
      loop = along(static_cast<std::uint32_t>(pick(0, 2)), pick(-2, 3), pick(-2, 5));
      if (pick(0, 3) == 0)
        loop.terms.push_back({static_cast<std::uint32_t>(pick(0, 2)), pick(1, 4)});
      if (pick(0, 4) == 0) loop.div = pick(2, 4);
      if (pick(0, 4) == 0) loop.mod = pick(2, 5);
    }
    Index outer = along(0, pick(0, 1) ? 1 : pick(-2, 2), pick(0, 1) ? 0 : pick(-3, 3));
    if (pick(0, 1)) outer.terms.push_back({1, pick(1, 3)});
    if (pick(0, 3) == 0) outer.div = pick(2, 4);
    if (pick(0, 3) == 0) outer.mod = pick(2, 5);
    const auto result = substitute(outer, loops, extents);
    if (!result) continue;
    ++composed;
    for_each_point(extents, [&](const Dims& point) {
      const Dims inner{position(loops[0], point), position(loops[1], point)};
      REQUIRE(position(*result, point) == position(outer, inner));
    });
  }
  CHECK(composed > 500);
}

}  // namespace
}  // namespace rducc::ir
