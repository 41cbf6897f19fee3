// Arithmetic at its limits.
#include "sdk/base/checked.hpp"

#include <catch2/catch.hpp>
#include <vector>

using namespace rdu::base;

TEST_CASE("operations are exact or nothing") {
  CHECK(checked_add<std::int64_t>(INT64_MAX, 0) == INT64_MAX);
  CHECK(!checked_add<std::int64_t>(INT64_MAX, 1));
  CHECK(!checked_sub<std::uint32_t>(0, 1));
  CHECK(checked_sub<std::int32_t>(0, 1) == -1);
  CHECK(!checked_mul<std::int64_t>(INT64_MIN, -1));
  CHECK(checked_align_up(65, 64) == 128u);
  CHECK(checked_align_up(64, 64) == 64u);
  CHECK(!checked_align_up(UINT64_MAX, 64));
}

TEST_CASE("products of extents") {
  const auto product = [](std::vector<std::int64_t> extents) { return checked_product(extents); };
  CHECK(product({}) == 1);
  CHECK(product({2, 3, 4}) == 24);
  CHECK(product({5, 0, 7}) == 0);
  CHECK(!product({-1}));
  CHECK(!product({0, -1}));
  CHECK(!product({INT64_MAX, 2}));
  // An extent of zero does not hide that strides of the others would overflow.
  CHECK(!product({0, INT64_MAX, 2}));
}

TEST_CASE("ranges within a whole do not wrap") {
  CHECK(range_within(0, 10, 10));
  CHECK(range_within(10, 0, 10));
  CHECK(!range_within(1, 10, 10));
  CHECK(!range_within(11, 0, 10));
  CHECK(!range_within(2, UINT64_MAX, 10));
}

TEST_CASE("division rounds down and its remainder is never negative") {
  for (std::int64_t a = -20; a <= 20; ++a) {
    for (std::int64_t b = 1; b <= 7; ++b) {
      CHECK(floor_div(a, b) * b + floor_mod(a, b) == a);
      CHECK(floor_mod(a, b) >= 0);
      CHECK(floor_mod(a, b) < b);
    }
  }
}
