// Cursors: following a walk by additions leads where evaluating the index at each point leads.
#include "plugins/reference/access.hpp"

#include <algorithm>
#include <catch2/catch.hpp>

namespace rdu::reference {
namespace {

Domain domain_of(std::initializer_list<std::int64_t> extents) {
  Domain domain;
  for (const std::int64_t extent : extents) domain.extents[domain.num_loops++] = extent;
  return domain;
}

}  // namespace

TEST_CASE("a cursor follows the walk") {
  AccessPlan plan;
  plan.dtype = RDU_DTYPE_F32;
  plan.base = 5;
  const std::int64_t coefs[] = {100, -3, 7};
  std::copy(coefs, coefs + 3, plan.coefs);
  JudgedDim dim;
  dim.offset = -2;
  dim.outside = RDU_OUTSIDE_CLAMP;
  dim.stride = 1000;
  dim.coefs[0] = 1;
  dim.coefs[2] = 2;
  plan.judged.push_back(dim);

  Domain domain = domain_of({3, 1, 4});
  const std::int64_t extents[] = {5};
  Failure failure;
  Cursor cursor;
  cursor.start(plan, nullptr, Scalar{}, extents, domain, 3, &cursor, &failure);
  int points = 0;
  for (;;) {
    const std::int64_t* p = domain.position;
    const std::int64_t index = p[0] + 2 * p[2] - 2;
    const Location location = cursor.locate();
    CHECK(location.element ==
          5 + 100 * p[0] - 3 * p[1] + 7 * p[2] + 1000 * std::clamp<std::int64_t>(index, 0, 4));
    CHECK(location.inside == (index >= 0 && index < 5));
    ++points;
    const int loop = domain.advance(0, 3);
    if (loop == kEnd) break;
    cursor.advance(loop);
  }
  CHECK(points == 12);
  CHECK(failure.access == nullptr);
}

TEST_CASE("a line is one only where no point of it is outside") {
  AccessPlan plan;
  JudgedDim dim;
  dim.offset = -1;
  dim.outside = RDU_OUTSIDE_FILL;
  dim.stride = 10;
  dim.coefs[0] = 1;
  dim.coefs[1] = 1;
  plan.judged.push_back(dim);
  Domain domain = domain_of({4, 3});
  const std::int64_t extents[] = {5};
  Failure failure;
  Cursor cursor;
  cursor.start(plan, nullptr, Scalar{}, extents, domain, 2, &cursor, &failure);
  std::int64_t element = 0, step = 0;
  const bool expected[] = {false, true, true, true};  // positions -1…1, 0…2, 1…3, 2…4 of 0…4
  for (int row = 0; row < 4; ++row) {
    CHECK(cursor.line(1, 3, element, step) == expected[row]);
    if (expected[row]) CHECK(element == 10 * (row - 1));
    if (expected[row]) CHECK(step == 10);
    cursor.skip_to_last(1, 3);
    cursor.advance(0);
  }
}

TEST_CASE("the first failure is the one that is told") {
  AccessPlan plan;
  JudgedDim dim;
  dim.outside = RDU_OUTSIDE_ERROR;
  dim.coefs[0] = 4;
  plan.judged.push_back(dim);
  Domain domain = domain_of({3});
  const std::int64_t extents[] = {3};
  Failure failure;
  Cursor cursor;
  cursor.start(plan, nullptr, Scalar{}, extents, domain, 1, &cursor, &failure);
  CHECK_FALSE(cursor.locate().filled);
  cursor.advance(0);
  CHECK(cursor.locate().filled);
  cursor.advance(0);
  CHECK(cursor.locate().filled);
  CHECK(failure.access == &plan);
  CHECK(failure.index == 4);
  CHECK(failure.extent == 3);
}

}  // namespace rdu::reference
