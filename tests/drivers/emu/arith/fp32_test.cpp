// The rules of binary32 by bit patterns worked out by hand, and against the C++ library where it is exact.
#include <catch2/catch.hpp>
#include <cmath>

#include "tests/drivers/emu/arith/ulp.hpp"

namespace rdu_hw::arith {
namespace {

Word unary(Op op, float a) { return evaluate(op, word(a)); }
Word binary(Op op, float a, float b) { return evaluate(op, word(a), word(b)); }

TEST_CASE("sums and products round to nearest even and keep subnormals") {
  CHECK(binary(Op::add_f32, 0x1p24f, 1.0f) == word(0x1p24f));            // a tie, to even
  CHECK(binary(Op::add_f32, 0x1.000002p24f, 1.0f) == 0x4b800002u);       // a tie, up to even
  CHECK(binary(Op::mul_f32, 0x1p-100f, 0x1p-49f) == kLeastSubnormal);    // 2^-149
  CHECK(binary(Op::mul_f32, 0x1p-100f, 0x1p-50f) == 0u);                 // half of it: to even
  CHECK(binary(Op::mul_f32, 0x1p-100f, 0x1.8p-50f) == kLeastSubnormal);  // three quarters: up
  CHECK(binary(Op::sub_f32, 0x1.000002p-126f, 0x1p-126f) == kLeastSubnormal);
  CHECK(evaluate(Op::add_f32, kLargest, word(0x1p103f)) == kInf);  // half an ulp above: overflows
  CHECK(evaluate(Op::add_f32, kLargest, word(0x1.fffffep102f)) == kLargest);
  CHECK(binary(Op::sub_f32, 1.0f, 1.0f) == 0u);
  CHECK(binary(Op::div_f32, 1.0f, 3.0f) == 0x3eaaaaabu);
  CHECK(binary(Op::div_f32, -1.0f, 0.0f) == kMinusInf);
  CHECK(unary(Op::rcp_f32, -0.0f) == kMinusInf);
  CHECK(unary(Op::sqrt_f32, 2.0f) == 0x3fb504f3u);
  CHECK(unary(Op::sqrt_f32, -0.0f) == kMinusZero);
  CHECK(unary(Op::rsqrt_f32, -0.0f) == kMinusInf);
  CHECK(unary(Op::rsqrt_f32, 4.0f) == word(0.5f));
}

TEST_CASE("a fused product is rounded once") {
  // (1 + 2^-12)^2 = 1 + 2^-11 + 2^-24: rounded by itself it loses its end.
  const Word a = word(0x1.001p0f), minus = word(-0x1.002p0f);
  CHECK(evaluate(Op::fma_f32, a, a, minus) == word(0x1p-24f));
  CHECK(evaluate(Op::fma_f32, kInf, 0u, word(1.0f)) == kNanWord);
  CHECK(evaluate(Op::fma_f32, kInf, word(1.0f), kMinusInf) == kNanWord);
  CHECK(evaluate(Op::fma_f32, kMinusZero, word(1.0f), 0u) == 0u);
  CHECK(evaluate(Op::fma_f32, kMinusZero, word(1.0f), kMinusZero) == kMinusZero);
}

// Where an emulated fusion would round twice: products next to a tie of the sum, and subnormal sums.
TEST_CASE("fused products are std::fma's on every instruction set") {
  constexpr std::size_t kNum = 60000;
  RandomWords random(11);
  auto a = random.take(kNum), b = random.take(kNum), c = random.take(kNum);
  for (std::size_t i = 0; i < kNum / 2; ++i) {
    const float product = fp32(a[i]) * fp32(b[i]);
    const int below = static_cast<int>(random.bits() % 60) - 5;
    c[i] = word(std::ldexp(product, (i % 2 != 0) ? below : -below) * (i % 3 != 0 ? 1.0f : -1.0f));
    if (i % 5 == 0) c[i] = word(-product) + static_cast<Word>(random.bits() % 3) - 1;
  }
  for (std::size_t i = kNum / 2; i < kNum; i += 4) {  // near the subnormals
    a[i] = (a[i] & 0x80ffffffu) | 0x20000000u;
    b[i] = (b[i] & 0x80ffffffu) | 0x1f000000u;
    c[i] &= 0x80ffffffu;
  }
  std::vector<Word> got(kNum);
  auto tables = block_forms();
  tables.push_back(&kScalarForms);
  for (const Forms* forms : tables) {
    (*forms)[Op::fma_f32](got.data(), a.data(), b.data(), c.data(), kNum);
    for (std::size_t i = 0; i < kNum; ++i) {
      const float exact = std::fma(fp32(a[i]), fp32(b[i]), fp32(c[i]));
      const Word expected = std::isnan(exact) ? kNanWord : word(exact);
      if (got[i] != expected) {
        CAPTURE(forms->isa, a[i], b[i], c[i], got[i], expected);
        FAIL("not fused");
      }
    }
  }
}

TEST_CASE("least and greatest tell zeros apart and pass a NaN on") {
  CHECK(binary(Op::min_f32, 0.0f, -0.0f) == kMinusZero);
  CHECK(binary(Op::min_f32, -0.0f, 0.0f) == kMinusZero);
  CHECK(binary(Op::max_f32, -0.0f, 0.0f) == 0u);
  CHECK(binary(Op::max_f32, -0.0f, -0.0f) == kMinusZero);
  CHECK(binary(Op::min_f32, 2.0f, -3.0f) == word(-3.0f));
  CHECK(binary(Op::max_f32, 2.0f, -3.0f) == word(2.0f));
  for (Op op : {Op::min_f32, Op::max_f32}) {
    CHECK(evaluate(op, 0x7f800001u, word(1.0f)) == kNanWord);
    CHECK(evaluate(op, kMinusInf, 0xffc12345u) == kNanWord);
  }
}

TEST_CASE("signs of NaN are not kept") {
  CHECK(evaluate(Op::neg_f32, kNanWord) == kNanWord);
  CHECK(evaluate(Op::abs_f32, 0xffffffffu) == kNanWord);
  CHECK(unary(Op::neg_f32, 0.0f) == kMinusZero);
  CHECK(unary(Op::sign_f32, -0.0f) == 0u);
  CHECK(unary(Op::sign_f32, -0x1p-149f) == word(-1.0f));
  CHECK(evaluate(Op::sign_f32, 0x7f800001u) == kNanWord);
}

TEST_CASE("rounding to integers is the library's, signs of zero too") {
  RandomWords random(12);
  for (int i = 0; i < 20000; ++i) {
    const Word w = i % 2 != 0 ? random.next() : word(static_cast<float>(i - 10000) / 4);
    const float x = fp32(w);
    if (std::isnan(x)) continue;
    CAPTURE(x);
    REQUIRE(evaluate(Op::floor_f32, w) == word(std::floor(x)));
    REQUIRE(evaluate(Op::ceil_f32, w) == word(std::ceil(x)));
    REQUIRE(evaluate(Op::trunc_f32, w) == word(std::trunc(x)));
    REQUIRE(evaluate(Op::round_f32, w) == word(std::nearbyint(x)));
  }
}

TEST_CASE("comparisons with NaN are false, but for unequal") {
  const Word one = word(1.0f);
  for (Op op : {Op::eq_f32, Op::lt_f32, Op::le_f32, Op::gt_f32, Op::ge_f32}) {
    CHECK(evaluate(op, kNanWord, one) == 0u);
    CHECK(evaluate(op, one, kNanWord) == 0u);
  }
  CHECK(evaluate(Op::ne_f32, kNanWord, kNanWord) == 1u);
  CHECK(evaluate(Op::eq_f32, 0u, kMinusZero) == 1u);
  CHECK(evaluate(Op::lt_f32, kMinusZero, 0u) == 0u);
  CHECK(evaluate(Op::ge_f32, one, one) == 1u);
  CHECK(evaluate(Op::is_nan_f32, 0xff800001u) == 1u);
  CHECK(evaluate(Op::is_nan_f32, kInf) == 0u);
  CHECK(evaluate(Op::is_inf_f32, kInf, 1u) == 1u);
  CHECK(evaluate(Op::is_inf_f32, kInf, 2u) == 0u);
  CHECK(evaluate(Op::is_inf_f32, kMinusInf, 3u) == 1u);
  CHECK(evaluate(Op::is_inf_f32, kMinusInf, 0xfffffffdu) == 0u);
}

TEST_CASE("special values of powers are the C standard's") {
  const float nan = fp32(kNanWord), inf = fp32(kInf);
  const float bases[] = {0.0f, -0.0f, 1.0f, -1.0f, 2.0f,  -2.0f,     0.5f,       -0.5f,
                         inf,  -inf,  nan,  3.0f,  -3.0f, 0x1p-149f, -0x1p-149f, 0x1p127f};
  const float powers[] = {0.0f, -0.0f,   1.0f,     -1.0f,          2.0f,  -2.0f,
                          3.0f, -3.0f,   0.5f,     -0.5f,          inf,   -inf,
                          nan,  0x1p24f, -0x1p24f, 0x1.fffffep23f, -7.0f, 1e30f};
  for (float x : bases) {
    for (float y : powers) {
      const float expected =
          static_cast<float>(std::pow(static_cast<double>(x), static_cast<double>(y)));
      CAPTURE(x, y, expected);
      CHECK(binary(Op::pow_f32, x, y) == (std::isnan(expected) ? kNanWord : word(expected)));
    }
  }
}

TEST_CASE("powers and two-sided arctangents are within their stated error") {
  RandomWords random(13);
  double worst_pow = 0, worst_atan2 = 0;
  for (int i = 0; i < 40000; ++i) {
    const Word a = i % 4 == 0 ? random.next() : (random.next() & 0x07ffffffu) | 0x3c000000u;
    const Word b = i % 4 == 1 ? random.next() : (random.next() & 0x87ffffffu) | 0x40000000u;
    const double x = fp32(a), y = fp32(b);
    worst_pow = std::max(worst_pow, error_ulp(evaluate(Op::pow_f32, a, b), std::pow(x, y)));
    worst_atan2 = std::max(worst_atan2, error_ulp(evaluate(Op::atan2_f32, b, a), std::atan2(y, x)));
  }
  CHECK(worst_pow <= 0.501);
  CHECK(worst_atan2 <= 0.501);
}

TEST_CASE("arctangents of zeros and infinities know their quadrant") {
  const float inf = fp32(kInf);
  const float values[] = {0.0f, -0.0f, 1.0f, -1.0f, inf, -inf};
  for (float y : values) {
    for (float x : values) {
      CAPTURE(y, x);
      const double exact = std::atan2(static_cast<double>(y), static_cast<double>(x));
      CHECK(binary(Op::atan2_f32, y, x) == word(static_cast<float>(exact)));
    }
  }
}

}  // namespace
}  // namespace rdu_hw::arith
