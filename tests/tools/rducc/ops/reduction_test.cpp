// Reductions, softmax and prefix sums.
#include <catch2/catch.hpp>
#include <cmath>
#include <limits>

#include "tests/tools/rducc/ops/one_op.hpp"

using namespace rducc::test;
using Values = std::vector<double>;
using Ints = std::vector<std::int64_t>;

namespace {
const Tensor kMatrix = f32({2, 3}, {1, 2, 3, 4, 5, 6});
}

TEST_CASE("axes of a reduction are an attribute or an input, and all where absent") {
  CHECK(elements({"ReduceSum", 11, {given(kMatrix)}, {{"axes", Ints{1}}}}) == Values{6, 15});
  CHECK(elements({"ReduceSum", 13, {given(kMatrix), known(i64({1}, {0}))}}) == Values{5, 7, 9});
  CHECK(shape({"ReduceSum", 13, {given(kMatrix)}}) == Dims{1, 1});
  CHECK(shape({"ReduceMax",
               18,
               {given(kMatrix), known(i64({1}, {-1}))},
               {{"keepdims", std::int64_t{0}}}}) == Dims{2});
  CHECK(elements({"ReduceSum",
                  13,
                  {given(kMatrix), known(i64({0}, {}))},
                  {{"noop_with_empty_axes", std::int64_t{1}}}}) == kMatrix.to_f64());
  CHECK(run({"ReduceSum", 13, {given(kMatrix), known(i64({1}, {2}))}}).problem ==
        "axis 2 is outside rank 2");
}

TEST_CASE("norms and means") {
  const auto x = given(f32({2}, {3, -4}));
  CHECK(elements({"ReduceL1", 13, {x}}) == Values{7});
  CHECK(elements({"ReduceL2", 13, {x}}) == Values{5});
  CHECK(elements({"ReduceMean", 13, {x}}) == Values{-0.5});
  CHECK(elements({"ReduceSumSquare", 13, {x}}) == Values{25});
  CHECK(elements({"ReduceProd", 13, {x}}) == Values{-12});
}

TEST_CASE("the log of a sum of exponentials neither overflows nor loses an infinity") {
  const double inf = std::numeric_limits<double>::infinity();
  CHECK(elements({"ReduceLogSumExp", 13, {given(f32({2}, {1000, 1000}))}})[0] ==
        Approx(1000 + std::log(2)));
  CHECK(elements({"ReduceLogSumExp", 13, {given(f32({2}, {-inf, -inf}))}})[0] == -inf);
}

TEST_CASE("a reduction of nothing yields the identity") {
  const auto none = given(f32({2, 0}, {}));
  CHECK(elements({"ReduceSum", 13, {none, known(i64({1}, {1}))}}) == Values{0, 0});
  CHECK(elements({"ReduceProd", 13, {none}, {{"axes", Ints{1}}}}) == Values{1, 1});
  CHECK(run({"ArgMax", 13, {none}, {{"axis", std::int64_t{1}}}}).problem ==
        "axis 1 of [2,0] is empty");
}

TEST_CASE("ArgMax takes the first or the last of equals") {
  const auto x = given(f32({4}, {1, 7, 7, 2}));
  CHECK(elements({"ArgMax", 13, {x}}) == Values{1});
  CHECK(elements({"ArgMax", 13, {x}, {{"select_last_index", std::int64_t{1}}}}) == Values{2});
  CHECK(elements({"ArgMin", 13, {x}}) == Values{0});
}

TEST_CASE("Softmax flattens to a matrix until opset 12 and takes one axis from 13 on") {
  const auto x = given(f32({1, 2, 2}, {0, 0, 0, 0}));
  CHECK(elements({"Softmax", 11, {x}}) == Values{0.25, 0.25, 0.25, 0.25});
  CHECK(elements({"Softmax", 13, {x}}) == Values{0.5, 0.5, 0.5, 0.5});
  const auto large = given(f32({1, 2}, {1000, 1000}));
  CHECK(elements({"Softmax", 13, {large}}) == Values{0.5, 0.5});
  CHECK(elements({"LogSoftmax", 13, {large}})[0] == Approx(-std::log(2)));
  CHECK(elements({"Hardmax", 13, {given(f32({1, 3}, {1, 4, 4}))}}) == Values{0, 1, 0});
}

TEST_CASE("CumSum in both directions, with and without the element itself") {
  const auto x = given(f32({5}, {1, 2, 3, 4, 5}));
  const auto axis = known(i64({}, {0}));
  const auto yes = std::int64_t{1};
  CHECK(elements({"CumSum", 14, {x, axis}}) == Values{1, 3, 6, 10, 15});
  CHECK(elements({"CumSum", 14, {x, axis}, {{"exclusive", yes}}}) == Values{0, 1, 3, 6, 10});
  CHECK(elements({"CumSum", 14, {x, axis}, {{"reverse", yes}}}) == Values{15, 14, 12, 9, 5});
  CHECK(elements({"CumSum", 14, {x, axis}, {{"reverse", yes}, {"exclusive", yes}}}) ==
        Values{14, 12, 9, 5, 0});
}
