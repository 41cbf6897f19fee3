// int32, words and conversions: rules against wide integers and hand-written bits.
#include <catch2/catch.hpp>
#include <cmath>

#include "tests/drivers/emu/arith/words.hpp"

namespace rdu_hw::arith {
namespace {

constexpr std::int32_t kLeast = -0x7fffffff - 1, kMost = 0x7fffffff;

Word binary(Op op, std::int32_t a, std::int32_t b) { return evaluate(op, word(a), word(b)); }

TEST_CASE("integers wrap") {
  CHECK(binary(Op::add_i32, kMost, 1) == word(kLeast));
  CHECK(binary(Op::sub_i32, kLeast, 1) == word(kMost));
  CHECK(binary(Op::mul_i32, 0x10001, 0x10001) == 0x20001u);
  CHECK(evaluate(Op::mad_i32, 0x10000u, 0x10000u, 7u) == 7u);
  CHECK(evaluate(Op::neg_i32, word(kLeast)) == word(kLeast));
  CHECK(evaluate(Op::abs_i32, word(kLeast)) == word(kLeast));
  CHECK(evaluate(Op::sign_i32, word(-5)) == word(-1));
}

TEST_CASE("quotients truncate, remainders follow the dividend or the divisor, by zero all are 0") {
  RandomWords random(21);
  for (int i = 0; i < 20000; ++i) {
    const Word a = random.next(), b = random.next();
    const std::int64_t x = static_cast<std::int32_t>(a), y = static_cast<std::int32_t>(b);
    const std::int64_t quotient = y == 0 ? 0 : x / y, remainder = y == 0 ? 0 : x % y;
    const bool opposite = remainder != 0 && (remainder < 0) != (y < 0);
    CAPTURE(x, y);
    REQUIRE(evaluate(Op::div_i32, a, b) == static_cast<Word>(quotient));
    REQUIRE(evaluate(Op::rem_i32, a, b) == static_cast<Word>(remainder));
    REQUIRE(evaluate(Op::mod_i32, a, b) == static_cast<Word>(opposite ? remainder + y : remainder));
    REQUIRE(evaluate(Op::lt_i32, a, b) == (x < y));
    REQUIRE(evaluate(Op::ge_i32, a, b) == (x >= y));
    REQUIRE(evaluate(Op::min_i32, a, b) == static_cast<Word>(std::min(x, y)));
    REQUIRE(evaluate(Op::max_i32, a, b) == static_cast<Word>(std::max(x, y)));
  }
  CHECK(binary(Op::div_i32, kLeast, -1) == word(kLeast));
  CHECK(binary(Op::rem_i32, kLeast, -1) == 0u);
  CHECK(binary(Op::mod_i32, -7, 3) == 2u);
  CHECK(binary(Op::rem_i32, -7, 3) == word(-1));
}

TEST_CASE("shifts by the width or more leave nothing") {
  CHECK(evaluate(Op::shl_word, 1u, 31u) == 0x80000000u);
  CHECK(evaluate(Op::shl_word, 1u, 32u) == 0u);
  CHECK(evaluate(Op::shr_word, 0x80000000u, 31u) == 1u);
  CHECK(evaluate(Op::shr_word, 0x80000000u, 0xffffffffu) == 0u);
  CHECK(evaluate(Op::shr_i32, 0x80000000u, 31u) == 0xffffffffu);
  CHECK(evaluate(Op::shr_i32, 0x80000000u, 32u) == 0u);
}

TEST_CASE("a selection moves bits as they are") {
  CHECK(evaluate(Op::select_word, 2u, 0x7f800001u, 5u) == 0x7f800001u);
  CHECK(evaluate(Op::select_word, 0u, 0x7f800001u, 0xffc12345u) == 0xffc12345u);
}

TEST_CASE("floats become integers by saturation, NaN becomes 0") {
  const auto trunc = [](float x) {
    return static_cast<std::int32_t>(evaluate(Op::i32_of_f32_trunc, word(x)));
  };
  const auto nearest = [](float x) {
    return static_cast<std::int32_t>(evaluate(Op::i32_of_f32_nearest, word(x)));
  };
  CHECK(trunc(-2.9f) == -2);
  CHECK(trunc(0x1.fffffep30f) == 0x7fffff80);
  CHECK(trunc(0x1p31f) == kMost);
  CHECK(trunc(-0x1p31f) == kLeast);
  CHECK(trunc(-0x1.000002p31f) == kLeast);
  CHECK(trunc(fp32(kInf)) == kMost);
  CHECK(trunc(fp32(kMinusInf)) == kLeast);
  CHECK(evaluate(Op::i32_of_f32_trunc, 0xffc00001u) == 0u);
  CHECK(evaluate(Op::i32_of_f32_nearest, 0x7f800001u) == 0u);
  CHECK(nearest(0.5f) == 0);
  CHECK(nearest(1.5f) == 2);
  CHECK(nearest(-2.5f) == -2);
  CHECK(nearest(0x1.000002p22f) == 4194304);  // 4194304.5
  CHECK(nearest(3e9f) == kMost);
  CHECK(evaluate(Op::f32_of_i32, 0x01000001u) == word(0x1p24f));         // a tie, to even
  CHECK(evaluate(Op::f32_of_i32, 0x01000003u) == word(0x1.000004p24f));  // a tie, up to even
  CHECK(evaluate(Op::f32_of_i32, word(kMost)) == word(0x1p31f));
}

TEST_CASE("bf16 is the upper half, rounded to nearest even") {
  const auto stored = [](Word w) {
    std::uint16_t half = 0;
    kScalarForms.store_bf16(&half, &w, 1);
    CHECK(evaluate(Op::bf16_of_f32, w) == Word{half} << 16);
    return half;
  };
  CHECK(stored(0x3f800000u) == 0x3f80);
  CHECK(stored(0x3f808000u) == 0x3f80);  // a tie, to even
  CHECK(stored(0x3f818000u) == 0x3f82);  // a tie, up to even
  CHECK(stored(0x3f808001u) == 0x3f81);
  CHECK(stored(0x3f807fffu) == 0x3f80);
  CHECK(stored(0x7f7f7fffu) == 0x7f7f);
  CHECK(stored(0x7f7f8000u) == 0x7f80);  // overflows
  CHECK(stored(0xff7fffffu) == 0xff80);
  CHECK(stored(0x7f800001u) == 0x7fc0);  // a NaN whose payload lies in the lower half
  CHECK(stored(0xffffffffu) == 0x7fc0);
  CHECK(stored(0x00008000u) == 0x0000);  // half of the least subnormal
  CHECK(stored(0x00018000u) == 0x0002);
  CHECK(stored(0x80000000u) == 0x8000);
}

TEST_CASE("bytes wrap or saturate") {
  const auto is = [](Op op, std::int32_t a) {
    return static_cast<std::int32_t>(evaluate(op, word(a)));
  };
  CHECK(is(Op::i8_wrap, 200) == -56);
  CHECK(is(Op::u8_wrap, -1) == 255);
  CHECK(is(Op::i8_saturate, 200) == 127);
  CHECK(is(Op::i8_saturate, kLeast) == -128);
  CHECK(is(Op::i8_saturate, -100) == -100);
  CHECK(is(Op::u8_saturate, -1) == 0);
  CHECK(is(Op::u8_saturate, 256) == 255);
  CHECK(is(Op::u8_saturate, 77) == 77);
}

}  // namespace
}  // namespace rdu_hw::arith
