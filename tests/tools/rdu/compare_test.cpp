// What passes as equal, and what each failure says.
#include "tools/rdu/compare.hpp"

#include <catch2/catch.hpp>
#include <cmath>
#include <cstring>
#include <limits>

using namespace rdu::tool;

namespace {

HostTensor f32(std::vector<float> elements) {
  HostTensor tensor = make_host_tensor(RDU_DTYPE_F32, {static_cast<std::int64_t>(elements.size())});
  std::memcpy(tensor.bytes.data(), elements.data(), elements.size() * sizeof(float));
  return tensor;
}

constexpr float kNan = std::numeric_limits<float>::quiet_NaN();
constexpr float kInf = std::numeric_limits<float>::infinity();

}  // namespace

TEST_CASE("the default bound grows with the range and with the element") {
  // max|expected| = 1000: 0.1 absolute, plus a thousandth of the element.
  CHECK(compare(f32({0.09F, 1000.9F}), f32({0, 1000}), {}).passed);
  const Comparison wrong = compare(f32({0.2F, 1000}), f32({0, 1000}), {});
  CHECK_FALSE(wrong.passed);
  CHECK(wrong.num_wrong == 1);
  CHECK(wrong.reason == "at [0] is 0.200000003, expected 0");
}

TEST_CASE("NaN and infinity pass only where they are expected") {
  CHECK(compare(f32({kNan, kInf, 1}), f32({kNan, kInf, 1}), {}).passed);
  CHECK_FALSE(compare(f32({kNan, 1}), f32({1, 1}), {}).passed);
  CHECK_FALSE(compare(f32({1, 1}), f32({kNan, 1}), {}).passed);
  CHECK_FALSE(compare(f32({kInf}), f32({-kInf}), {}).passed);
  CHECK_FALSE(compare(f32({3e38F}), f32({kInf}), {}).passed);
  Tolerance cosine;
  cosine.min_cosine = 0.9;
  CHECK_FALSE(compare(f32({kNan, 1}), f32({1, 1}), cosine).passed);
}

TEST_CASE("shape and dtype must agree") {
  const Comparison result = compare(f32({1, 2}), f32({1}), {});
  CHECK_FALSE(result.passed);
  CHECK(result.reason == "is f32[2], expected f32[1]");
}

TEST_CASE("other measures replace the bound per element") {
  Tolerance range;
  range.range_tol = 0.05;
  CHECK(compare(f32({0.4F, 10}), f32({0, 10}), range).passed);
  CHECK_FALSE(compare(f32({0.6F, 10}), f32({0, 10}), range).passed);
  Tolerance angle;
  angle.min_cosine = 0.99;
  CHECK(compare(f32({2, 4}), f32({1, 2}), angle).passed);
  CHECK_FALSE(compare(f32({2, -4}), f32({1, 2}), angle).passed);
}

TEST_CASE("top1 looks at every row of the last axis") {
  Tolerance loose;
  loose.min_cosine = -1;
  loose.top1 = true;
  HostTensor a = f32({1, 2, 4, 3});
  HostTensor b = f32({1, 2, 3, 4});
  a.shape = b.shape = {2, 2};
  CHECK_FALSE(compare(a, b, loose).passed);
  CHECK(compare(b, b, loose).passed);
}

TEST_CASE("a lead within the tolerance is a tie for top1") {
  Tolerance range;
  range.range_tol = 0.1;
  range.top1 = true;
  CHECK(compare(f32({9.6F, 9.5F}), f32({9.4F, 10}), range).passed);
  CHECK_FALSE(compare(f32({9.6F, 9.5F}), f32({8.9F, 10}), range).passed);
  Tolerance each;
  each.rtol = 0.01;
  each.top1 = true;
  CHECK(compare(f32({9.99F, 9.98F}), f32({9.96F, 10}), each).passed);
}

TEST_CASE("exact means bits") {
  Tolerance exact;
  exact.exact = true;
  CHECK(compare(f32({kNan, 0}), f32({kNan, 0}), exact).passed);
  CHECK_FALSE(compare(f32({-0.0F}), f32({0.0F}), exact).passed);
}
