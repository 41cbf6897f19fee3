// Systolic blocks against loops of std::fma and of wide integers, k ascending.
#include <catch2/catch.hpp>
#include <cmath>

#include "tests/drivers/emu/arith/words.hpp"

namespace rdu_hw::arith {
namespace {

struct Shape {
  std::size_t rows, columns, steps;
};
const Shape kShapes[] = {{1, 1, 1},   {16, 6, 40},    {6, 16, 33},  {8, 48, 70},
                         {5, 50, 65}, {23, 100, 130}, {64, 96, 17}, {3, 7, 0}};

std::vector<const Forms*> all_forms() {
  auto tables = block_forms();
  tables.push_back(&kScalarForms);
  return tables;
}

Word canonical(float x) { return std::isnan(x) ? kNanWord : word(x); }

float from_bf16(std::uint16_t half) { return fp32(Word{half} << 16); }

template <class A, class B, class C, class Step>
void check(Operand a_kind, Operand b_kind, const Shape& s, const std::vector<A>& a,
           const std::vector<B>& b, const std::vector<Word>& c, const Step& step, C from_word) {
  const std::size_t c_row = s.columns + 3, b_step = s.columns + 2;
  std::vector<Word> expected = c;
  for (std::size_t m = 0; m < s.rows; ++m) {
    for (std::size_t n = 0; n < s.columns; ++n) {
      auto sum = from_word(c[m * c_row + n]);
      for (std::size_t k = 0; k < s.steps; ++k) {
        sum = step(sum, a[m + k * (s.rows + 1)], b[k * b_step + n]);
      }
      if constexpr (std::is_same_v<decltype(sum), float>)
        expected[m * c_row + n] = canonical(sum);
      else
        expected[m * c_row + n] = sum;
    }
  }
  for (const Forms* forms : all_forms()) {
    auto got = c;
    forms->systolic_of(a_kind, b_kind)(
        {got.data(), c_row, a.data(), 1, s.rows + 1, b.data(), b_step, s.rows, s.columns, s.steps});
    CAPTURE(forms->isa, s.rows, s.columns, s.steps);
    REQUIRE(got == expected);
  }
}

// a is stored by step with a gap, b and c with gaps between rows: the gaps must stay as they are.
template <class T, class Make>
std::vector<T> filled(std::size_t n, const Make& make) {
  std::vector<T> v(n);
  for (T& x : v) x = static_cast<T>(make());
  return v;
}

std::size_t a_size(const Shape& s) { return s.steps * (s.rows + 1) + s.rows; }
std::size_t b_size(const Shape& s) { return s.steps * (s.columns + 2) + s.columns; }
std::size_t c_size(const Shape& s) { return s.rows * (s.columns + 3); }

TEST_CASE("an element is one fused product per step, in order") {
  RandomWords random(41);
  const auto float_of_word = [](Word w) { return fp32(w); };
  for (const Shape& s : kShapes) {
    const auto ordinary = [&] { return (random.next() & 0x80ffffffu) | 0x3e800000u; };
    const auto floats = [&] { return fp32(ordinary()); };
    const auto halves = [&] { return ordinary() >> 16; };
    const auto c = filled<Word>(c_size(s), ordinary);
    const auto a = filled<float>(a_size(s), floats), b = filled<float>(b_size(s), floats);
    const auto a16 = filled<std::uint16_t>(a_size(s), halves);
    const auto b16 = filled<std::uint16_t>(b_size(s), halves);
    check(
        Operand::kFp32, Operand::kFp32, s, a, b, c,
        [](float sum, float x, float y) { return std::fma(x, y, sum); }, float_of_word);
    check(
        Operand::kBf16, Operand::kBf16, s, a16, b16, c,
        [](float sum, std::uint16_t x, std::uint16_t y) {
          return std::fma(from_bf16(x), from_bf16(y), sum);
        },
        float_of_word);
    check(
        Operand::kFp32, Operand::kBf16, s, a, b16, c,
        [](float sum, float x, std::uint16_t y) { return std::fma(x, from_bf16(y), sum); },
        float_of_word);
    check(
        Operand::kBf16, Operand::kFp32, s, a16, b, c,
        [](float sum, std::uint16_t x, float y) { return std::fma(from_bf16(x), y, sum); },
        float_of_word);
  }
}

TEST_CASE("special values go through an array as through std::fma") {
  RandomWords random(42);
  for (const Shape& s : {Shape{16, 6, 3}, Shape{9, 40, 2}, Shape{17, 65, 4}}) {
    const auto any = [&] { return fp32(random.next()); };
    check(
        Operand::kFp32, Operand::kFp32, s, filled<float>(a_size(s), any),
        filled<float>(b_size(s), any), filled<Word>(c_size(s), [&] { return random.next(); }),
        [](float sum, float x, float y) { return std::fma(x, y, sum); },
        [](Word w) { return fp32(w); });
  }
}

TEST_CASE("integer products are exact and their sums wrap") {
  RandomWords random(43);
  const auto same = [](Word w) { return w; };
  const auto step = [](Word sum, auto x, auto y) {
    return static_cast<Word>(sum + static_cast<std::uint64_t>(std::int64_t{x} * std::int64_t{y}));
  };
  for (const Shape& s : kShapes) {
    const auto any = [&] { return random.next(); };
    const auto c = filled<Word>(c_size(s), any);
    const auto a8 = filled<std::int8_t>(a_size(s), any);
    const auto b8 = filled<std::int8_t>(b_size(s), any);
    const auto au8 = filled<std::uint8_t>(a_size(s), any);
    const auto bu8 = filled<std::uint8_t>(b_size(s), any);
    const auto a32 = filled<std::int32_t>(a_size(s), any);
    const auto b32 = filled<std::int32_t>(b_size(s), any);
    check(Operand::kInt8, Operand::kInt8, s, a8, b8, c, step, same);
    check(Operand::kUint8, Operand::kInt8, s, au8, b8, c, step, same);
    check(Operand::kInt8, Operand::kUint8, s, a8, bu8, c, step, same);
    check(Operand::kUint8, Operand::kUint8, s, au8, bu8, c, step, same);
    check(Operand::kInt32, Operand::kInt32, s, a32, b32, c, step, same);
    check(Operand::kInt32, Operand::kInt8, s, a32, b8, c, step, same);
    check(Operand::kUint8, Operand::kInt32, s, au8, b32, c, step, same);
  }
}

TEST_CASE("floats and integers do not meet in one array") {
  CHECK(forms().systolic_of(Operand::kFp32, Operand::kInt8) == nullptr);
  CHECK(forms().systolic_of(Operand::kInt32, Operand::kBf16) == nullptr);
}

}  // namespace
}  // namespace rdu_hw::arith
