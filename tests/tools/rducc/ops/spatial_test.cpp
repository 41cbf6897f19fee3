// Grids, crops, columns, regions, determinants, n-grams: numbers by hand, numpy or ONNX Runtime.
#include <catch2/catch.hpp>

#include "tests/tools/rducc/ops/one_op.hpp"

namespace rducc::test {
namespace {

using Ints = std::vector<std::int64_t>;
using Values = std::vector<double>;

void check_near(const OneOp& op, const Values& expected) {
  const Values got = elements(op);
  REQUIRE(got.size() == expected.size());
  for (std::size_t i = 0; i < got.size(); ++i) CHECK(got[i] == Approx(expected[i]).margin(1e-5));
}

std::vector<double> counting(int count) {
  std::vector<double> numbers;
  for (int i = 0; i < count; ++i) numbers.push_back(i);
  return numbers;
}

TEST_CASE("determinants beyond the closed form, with pivots, signs and singular matrices") {
  const Values swapped{0, 2, 0, 1, 1, 0, 3, 0, 0, 1, 0, 3, 2, 0, 4, 5};
  const Values singular{1, 2, 3, 4, 2, 4, 6, 8, 1, 0, 1, 0, 0, 1, 0, 1};
  Values both = swapped;
  both.insert(both.end(), singular.begin(), singular.end());
  check_near({"Det", 11, {given(f32({2, 4, 4}, both))}}, {-10, 0});
  const Values five{2, -1, 0, 0, 3, 1, 3, 1, 0, 0, 0, 0, 1, -2, 1, 4, 0, 0, 1, 0, 0, 5, 1, 1, 1};
  check_near({"Det", 22, {given(f32({5, 5}, five))}}, {1});
  CHECK(shape({"Det", 11, {given(f32({5, 5}, five))}}).empty());
  CHECK_FALSE(run({"Det", 11, {given(f32({2, 3}, counting(6)))}}).problem.empty());
}

TEST_CASE("RoiAlign takes as many samples as a bin has elements, where the regions are known") {
  const auto x = given(f32({1, 1, 4, 6}, counting(24)));
  const auto rois = f32({2, 4}, {0.5, 0.25, 5, 3.5, 1, 1, 2, 2.5});
  const auto op = [&](Operand regions, const std::string& mode) {
    return OneOp{"RoiAlign",
                 16,
                 {x, std::move(regions), known(i64({2}, {0, 0}))},
                 {{"output_height", std::int64_t{2}},
                  {"output_width", std::int64_t{2}},
                  {"coordinate_transformation_mode", mode}}};
  };
  check_near(op(known(rois), "half_pixel"), {4.5, 6.75, 14.25, 16.5, 6, 6.5, 10.5, 11});
  check_near(op(known(rois), "output_half_pixel"),
             {8, 10.25, 17.46875, 19.71875, 9.5, 10, 14, 14.5});
  const auto refused = run(op(given(rois), "half_pixel"));
  CHECK(refused.unsupported);
  CHECK_THAT(refused.problem, Catch::Contains("sampling_ratio"));
}

TEST_CASE("CenterCropPad keeps the middle, an odd element more at the end") {
  const auto crop_pad = [](int extent, std::int64_t wanted) {
    return elements(
        {"CenterCropPad", 18, {given(f32({extent}, counting(extent))), known(i64({1}, {wanted}))}});
  };
  CHECK(crop_pad(5, 2) == Values{1, 2});
  CHECK(crop_pad(5, 3) == Values{1, 2, 3});
  CHECK(crop_pad(2, 5) == Values{0, 0, 1, 0, 0});
  CHECK(crop_pad(3, 3) == Values{0, 1, 2});
}

TEST_CASE("Col2Im adds where blocks overlap") {
  const OneOp op{
      "Col2Im",
      18,
      {given(f32({1, 2, 3}, {1, 2, 3, 10, 20, 30})), known(i64({1}, {4})), known(i64({1}, {2}))}};
  CHECK(elements(op) == Values{1, 12, 23, 30});
}

TEST_CASE("AffineGrid of the identity is the grid") {
  const auto theta = given(f32({1, 2, 3}, {1, 0, 0, 0, 1, 0}));
  const auto size = known(i64({4}, {1, 1, 2, 3}));
  check_near({"AffineGrid", 20, {theta, size}, {{"align_corners", std::int64_t{1}}}},
             {-1, -1, 0, -1, 1, -1, -1, 1, 0, 1, 1, 1});
  check_near({"AffineGrid", 20, {theta, size}},
             {-2. / 3, -.5, 0, -.5, 2. / 3, -.5, -2. / 3, .5, 0, .5, 2. / 3, .5});
}

OneOp n_grams(const std::string& mode, std::vector<float> weights) {
  return {"TfIdfVectorizer",
          9,
          {given(i64({6}, {1, 2, 1, 2, 9, 3}))},
          {{"mode", mode},
           {"min_gram_length", std::int64_t{1}},
           {"max_gram_length", std::int64_t{2}},
           {"max_skip_count", std::int64_t{1}},
           {"pool_int64s", Ints{1, 5, 1, 2, 2, 3}},
           {"ngram_counts", Ints{0, 2}},
           {"ngram_indexes", Ints{0, 4, 2, 1}},
           {"weights", std::move(weights)}}};
}

TEST_CASE("n-grams are counted, noticed and weighed, each in its column") {
  // 1 twice, 5 never, (1, 2) twice without a gap and never with one, (2, 3) once with a gap of one.
  const std::vector<float> weights{0.5f, 3, 2, 7, 1};
  CHECK(elements(n_grams("TF", weights)) == Values{2, 1, 2, 0, 0});
  CHECK(elements(n_grams("IDF", weights)) == Values{0.5, 3, 2, 0, 0});
  CHECK(elements(n_grams("TFIDF", weights)) == Values{1, 3, 4, 0, 0});
  CHECK_FALSE(run(n_grams("TF", {1, 2})).problem.empty());
}

TEST_CASE("BitCast reads known bits anew, and wraps integers") {
  const Attribute to_int{"to", std::int64_t{6}}, to_u8{"to", std::int64_t{2}};
  CHECK(elements({"BitCast", 26, {known(f32({2}, {1, -2}))}, {to_int}}) ==
        Values{0x3f800000, -1073741824});
  CHECK(elements({"BitCast", 26, {given(of(RDU_DTYPE_I8, {2}, {-1, 5}))}, {to_u8}}) ==
        Values{255, 5});
  CHECK(run({"BitCast", 26, {given(f32({2}, {1, -2}))}, {to_int}}).unsupported);
  CHECK_FALSE(run({"BitCast", 26, {given(f32({2}, {1, -2}))}, {to_u8}}).problem.empty());
}

}  // namespace
}  // namespace rducc::test
