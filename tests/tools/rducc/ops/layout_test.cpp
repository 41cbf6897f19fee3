// Reshapes, slices, pads and joins, where opsets moved attributes to inputs.
#include <catch2/catch.hpp>

#include "tests/tools/rducc/ops/one_op.hpp"

using namespace rducc::test;
using Values = std::vector<double>;
using Ints = std::vector<std::int64_t>;

namespace {
const Tensor kMatrix = f32({2, 3}, {1, 2, 3, 4, 5, 6});
}

TEST_CASE("Reshape copies extents at 0 and infers the one at -1") {
  CHECK(shape({"Reshape", 13, {given(kMatrix), known(i64({3}, {0, -1, 1}))}}) == Dims{2, 3, 1});
  const auto empty = given(f32({0, 3}, {}));
  CHECK(
      shape({"Reshape", 14, {empty, known(i64({2}, {3, 0}))}, {{"allowzero", std::int64_t{1}}}}) ==
      Dims{3, 0});
  CHECK(run({"Reshape", 13, {given(kMatrix), known(i64({1}, {4}))}}).problem ==
        "cannot reshape [2,3] to [4]");
  CHECK(run({"Reshape", 13, {given(kMatrix), known(i64({2}, {-1, -1}))}}).problem ==
        "shape [-1,-1]");
}

TEST_CASE("a shape that is not known names the flag that gives it") {
  const auto result = run({"Reshape", 13, {given(kMatrix), given(i64({1}, {6}))}});
  CHECK(result.unsupported);
  CHECK(result.problem ==
        "the shape must be known at compile time; it depends on the input 'x1': give its value "
        "with --fix x1=V,… or --data DIR");
}

TEST_CASE("Squeeze and Unsqueeze take their axes from wherever the opset keeps them") {
  const auto x = given(f32({1, 2, 1}, {1, 2}));
  CHECK(shape({"Squeeze", 11, {x}, {{"axes", Ints{0}}}}) == Dims{2, 1});
  CHECK(shape({"Squeeze", 13, {x, known(i64({1}, {-1}))}}) == Dims{1, 2});
  CHECK(shape({"Squeeze", 13, {x}}) == Dims{2});
  CHECK(run({"Squeeze", 11, {x}, {{"axes", Ints{1}}}}).problem == "axis 1 of [1,2,1] is not 1");
  CHECK(shape({"Unsqueeze", 11, {given(kMatrix)}, {{"axes", Ints{0, -1}}}}) == Dims{1, 2, 3, 1});
  CHECK(run({"Unsqueeze", 13, {given(kMatrix), known(i64({2}, {0, 0}))}}).problem ==
        "axis 0 is named twice");
}

TEST_CASE("Slice clamps its bounds and walks backwards") {
  const auto x = given(f32({5}, {0, 1, 2, 3, 4}));
  CHECK(elements({"Slice", 9, {x}, {{"starts", Ints{1}}, {"ends", Ints{1000}}}}) ==
        Values{1, 2, 3, 4});
  const auto slice = [&](std::int64_t start, std::int64_t end, std::int64_t step) {
    return elements({"Slice",
                     13,
                     {x, known(i64({1}, {start})), known(i64({1}, {end})), known(i64({1}, {0})),
                      known(i64({1}, {step}))}});
  };
  CHECK(slice(-1, -1000, -2) == Values{4, 2, 0});
  CHECK(slice(3, 1, 1).empty());
  CHECK(slice(0, 5, 3) == Values{0, 3});
  CHECK(slice(0, INT64_MAX, INT64_MAX) == Values{0});
}

TEST_CASE("Split makes equal parts, the given ones, or a smaller last one") {
  const auto x = given(f32({5}, {0, 1, 2, 3, 4}));
  const OneOp given_sizes{"Split", 13, {x, known(i64({2}, {1, 4}))}, {}, 2};
  CHECK(run(given_sizes).outputs[1].to_f64() == Values{1, 2, 3, 4});
  const OneOp uneven{"Split", 18, {x}, {{"num_outputs", std::int64_t{3}}}, 3};
  CHECK(run(uneven).outputs[2].to_f64() == Values{4});
  CHECK(run({"Split", 13, {x, known(i64({2}, {1, 3}))}, {}, 2}).problem ==
        "split = [1,3] of an axis of 5");
}

TEST_CASE("Concat joins known and unknown parts, and empty ones vanish") {
  const auto a = given(f32({1, 2}, {1, 2})), b = known(f32({2, 2}, {3, 4, 5, 6}));
  const OneOp op{"Concat", 13, {a, b, given(f32({0, 2}, {}))}, {{"axis", std::int64_t{0}}}};
  CHECK(elements(op) == Values{1, 2, 3, 4, 5, 6});
  CHECK(shape(op) == Dims{3, 2});
  CHECK(run({"Concat", 13, {a, given(f32({1, 3}, {1, 2, 3}))}, {{"axis", std::int64_t{0}}}})
            .problem == "inputs of shapes [1,2] and [1,3] along axis 0");
}

TEST_CASE("Pad in every mode") {
  const auto x = given(f32({3}, {1, 2, 3}));
  const auto pad = [&](const std::string& mode, Ints pads) {
    return elements({"Pad", 19, {x, known(i64({2}, pads))}, {{"mode", mode}}});
  };
  CHECK(pad("constant", {1, 2}) == Values{0, 1, 2, 3, 0, 0});
  CHECK(pad("edge", {2, 1}) == Values{1, 1, 1, 2, 3, 3});
  CHECK(pad("reflect", {2, 2}) == Values{3, 2, 1, 2, 3, 2, 1});
  CHECK(pad("wrap", {1, 2}) == Values{3, 1, 2, 3, 1, 2});
  CHECK(pad("constant", {-1, 1}) == Values{2, 3, 0});
}

TEST_CASE("the value of constant padding may be an attribute, a constant or an input") {
  const auto x = given(f32({1}, {5}));
  const auto pads = known(i64({2}, {1, 0}));
  CHECK(elements({"Pad", 7, {x}, {{"pads", Ints{1, 0}}, {"value", 9.0F}}}) == Values{9, 5});
  CHECK(elements({"Pad", 13, {x, pads, known(f32({}, {8}))}}) == Values{8, 5});
  CHECK(elements({"Pad", 13, {x, pads, given(f32({}, {7}))}}) == Values{7, 5});
  CHECK(elements({"Pad",
                  18,
                  {given(kMatrix), known(i64({2}, {0, 1})), absent(), known(i64({1}, {-1}))}}) ==
        Values{1, 2, 3, 0, 4, 5, 6, 0});
}

TEST_CASE("Transpose, Expand, Tile and DepthToSpace") {
  CHECK(elements({"Transpose", 13, {given(kMatrix)}}) == Values{1, 4, 2, 5, 3, 6});
  CHECK(shape({"Expand", 13, {given(f32({3, 1}, {1, 2, 3})), known(i64({2}, {1, 2}))}}) ==
        Dims{3, 2});
  CHECK(elements({"Tile", 13, {given(f32({2}, {1, 2})), known(i64({1}, {3}))}}) ==
        Values{1, 2, 1, 2, 1, 2});
  const auto deep = given(f32({1, 4, 1, 1}, {1, 2, 3, 4}));
  CHECK(elements({"DepthToSpace", 13, {deep}, {{"blocksize", std::int64_t{2}}}}) ==
        Values{1, 2, 3, 4});
}

TEST_CASE("extents that no tensor has are refused") {
  const std::int64_t huge = std::int64_t{1} << 40, longest = INT64_MAX;
  const auto refused = [](const OneOp& op) { return !run(op).problem.empty(); };
  CHECK(refused({"Reshape", 13, {given(kMatrix), known(i64({3}, {huge, huge, -1}))}}));
  CHECK(refused({"Tile", 13, {given(kMatrix), known(i64({2}, {longest, longest}))}}));
  CHECK(refused({"Pad", 13, {given(kMatrix), known(i64({4}, {longest, 1, longest, 1}))}}));
  CHECK(refused({"Range",
                 13,
                 {known(i64({}, {INT64_MIN})), known(i64({}, {longest})), known(i64({}, {1}))}}));
}
