// Gathers, scatters, sorts, filters and resizes.
#include <catch2/catch.hpp>

#include "tests/tools/rducc/ops/one_op.hpp"

using namespace rducc::test;
using Values = std::vector<double>;
using Ints = std::vector<std::int64_t>;

namespace {
const Tensor kMatrix = f32({3, 2}, {1, 2, 3, 4, 5, 6});
}

TEST_CASE("Gather reads indirectly, counts from the end, and is a slice where indices are known") {
  const auto runtime = run({"Gather", 13, {given(kMatrix), given(i64({2}, {2, -3}))}});
  CHECK(runtime.patterns == std::vector<rdu_pattern>{RDU_PATTERN_GATHER});
  CHECK(runtime.outputs[0].to_f64() == Values{5, 6, 1, 2});
  const auto known_indices = run({"Gather", 13, {given(kMatrix), known(i64({2}, {2, 0}))}});
  CHECK(known_indices.patterns == std::vector<rdu_pattern>{RDU_PATTERN_MAP});
  CHECK(known_indices.outputs[0].to_f64() == Values{5, 6, 1, 2});
  CHECK(shape({"Gather", 13, {given(kMatrix), known(i64({}, {1}))}, {{"axis", std::int64_t{1}}}}) ==
        Dims{3});
  CHECK(run({"Gather", 13, {given(kMatrix), known(i64({1}, {3}))}}).problem ==
        "index 3 into an axis of 3");
}

TEST_CASE("GatherND and GatherElements") {
  CHECK(elements({"GatherND", 13, {given(kMatrix), given(i64({2, 2}, {0, 1, 2, 0}))}}) ==
        Values{2, 5});
  CHECK(elements({"GatherElements", 13, {given(kMatrix), given(i64({1, 2}, {2, 0}))}}) ==
        Values{5, 2});
}

TEST_CASE("scatters replace or combine") {
  const auto zeros = given(f32({3}, {1, 1, 1}));
  const auto at = given(i64({3, 1}, {0, 2, 2})), updates = given(f32({3}, {5, 6, 7}));
  CHECK(elements({"ScatterND", 16, {zeros, at, updates}}) == Values{5, 1, 7});
  CHECK(elements({"ScatterND", 16, {zeros, at, updates}, {{"reduction", std::string("add")}}}) ==
        Values{6, 1, 14});
  const auto result =
      run({"ScatterND", 16, {zeros, at, updates}, {{"reduction", std::string("median")}}});
  CHECK(result.unsupported);
  CHECK(result.problem == "attribute reduction = 'median'");
}

TEST_CASE("TopK orders equals by position") {
  const auto x = given(f32({4}, {2, 9, 2, 9}));
  const OneOp largest{"TopK", 11, {x, known(i64({1}, {3}))}, {}, 2};
  CHECK(elements(largest) == Values{9, 9, 2});
  CHECK(run(largest).outputs[1].to_f64() == Values{1, 3, 0});
  const OneOp smallest{"TopK", 11, {x, known(i64({1}, {2}))}, {{"largest", std::int64_t{0}}}, 2};
  CHECK(run(smallest).outputs[1].to_f64() == Values{0, 2});
  CHECK(run({"TopK", 11, {x, known(i64({1}, {5}))}, {}, 2}).problem == "k = 5 along an axis of 4");
}

TEST_CASE("NonZero and Compress have as many results as they find") {
  const auto found = run({"NonZero", 13, {given(f32({2, 2}, {1, 0, 0, 3}))}});
  CHECK(found.outputs[0].dims == Dims{2, 2});
  CHECK(found.outputs[0].to_f64() == Values{0, 1, 0, 1});
  const auto mask = given(of(RDU_DTYPE_BOOL, {2}, {0, 1}));
  CHECK(elements({"Compress", 11, {given(kMatrix), mask}, {{"axis", std::int64_t{0}}}}) ==
        Values{3, 4});
  CHECK(elements({"Compress", 11, {given(kMatrix), mask}}) == Values{2});
}

TEST_CASE("Unique finds values, first occurrences, groups and counts") {
  const OneOp sorted{"Unique", 11, {given(f32({5}, {3, 1, 3, 2, 1}))}, {}, 4};
  const auto s = run(sorted);
  CHECK(s.outputs[0].to_f64() == Values{1, 2, 3});
  CHECK(s.outputs[1].to_f64() == Values{1, 3, 0});
  CHECK(s.outputs[2].to_f64() == Values{2, 0, 2, 1, 0});
  CHECK(s.outputs[3].to_f64() == Values{2, 1, 2});
  OneOp as_met = sorted;
  as_met.attributes = {{"sorted", std::int64_t{0}}};
  const auto u = run(as_met);
  CHECK(u.outputs[0].to_f64() == Values{3, 1, 2});
  CHECK(u.outputs[2].to_f64() == Values{0, 1, 0, 2, 1});
  CHECK(u.outputs[3].to_f64() == Values{2, 2, 1});
}

TEST_CASE("OneHot and Trilu") {
  CHECK(elements({"OneHot",
                  11,
                  {given(i64({2}, {1, -1})), known(i64({}, {3})), known(f32({2}, {0, 5}))}}) ==
        Values{0, 5, 0, 0, 0, 5});
  CHECK(elements({"Trilu", 14, {given(f32({2, 2}, {1, 2, 3, 4}))}}) == Values{1, 2, 0, 4});
  CHECK(elements({"Trilu",
                  14,
                  {given(f32({2, 2}, {1, 2, 3, 4})), given(i64({}, {-1}))},
                  {{"upper", std::int64_t{0}}}}) == Values{0, 0, 3, 0});
}

TEST_CASE("nearest Resize is an affine map for whole ratios") {
  const auto x = given(f32({1, 1, 1, 2}, {1, 2}));
  const auto scales = known(f32({4}, {1, 1, 2, 2}));
  const auto doubled = run({"Upsample", 9, {x, scales}});
  CHECK(doubled.patterns == std::vector<rdu_pattern>{RDU_PATTERN_MAP});
  CHECK(doubled.outputs[0].to_f64() == Values{1, 1, 2, 2, 1, 1, 2, 2});
  CHECK(elements({"Resize", 13, {x, absent(), absent(), known(i64({4}, {1, 1, 1, 4}))}}) ==
        Values{1, 1, 2, 2});
}

TEST_CASE("linear Resize weighs two neighbours") {
  const auto x = given(f32({1, 1, 2}, {0, 4}));
  const auto scales = known(f32({3}, {1, 1, 2}));
  const auto resize = [&](const std::string& coordinates) {
    return elements(
        {"Resize",
         13,
         {x, absent(), scales},
         {{"mode", std::string("linear")}, {"coordinate_transformation_mode", coordinates}}});
  };
  CHECK(resize("half_pixel") == Values{0, 1, 3, 4});
  CHECK(resize("asymmetric") == Values{0, 2, 4, 4});
  CHECK(resize("align_corners")[1] == Approx(4.0 / 3));
  const auto result = run({"Resize",
                           13,
                           {x, absent(), scales},
                           {{"coordinate_transformation_mode", std::string("polar")}}});
  CHECK(result.unsupported);
  CHECK(result.problem == "attribute coordinate_transformation_mode = 'polar'");
}
