// Every block form equals the definition to the bit, on every instruction set of this machine.
#include <catch2/catch.hpp>
#include <cstring>

#include "tests/drivers/emu/arith/words.hpp"

namespace rdu_hw::arith {
namespace {

// Index of the first difference, or n.
std::size_t first_difference(const std::vector<Word>& a, const std::vector<Word>& b) {
  std::size_t i = 0;
  while (i < a.size() && a[i] == b[i]) ++i;
  return i;
}

TEST_CASE("operations over blocks are their definitions") {
  constexpr std::size_t kWords = 5003;
  RandomWords random(1);
  const auto a = random.take(kWords), b = random.take(kWords), c = random.take(kWords);
  for (std::size_t op = 0; op < kNumOps; ++op) {
    std::vector<Word> expected(kWords), got(kWords);
    kScalarForms.op[op](expected.data(), a.data(), b.data(), c.data(), kWords);
    for (const Forms* forms : block_forms()) {
      forms->op[op](got.data(), a.data(), b.data(), c.data(), kWords);
      const std::size_t at = first_difference(expected, got);
      if (at != kWords) {
        CAPTURE(forms->isa, op_name(op), a[at], b[at], c[at], expected[at], got[at]);
        FAIL("differs");
      }
    }
  }
}

TEST_CASE("every pair of corners gives the same bits everywhere") {
  constexpr std::size_t kNum = std::size(kCorners);
  std::vector<Word> a, b, c;
  for (std::size_t i = 0; i < kNum * kNum; ++i) {
    a.push_back(kCorners[i / kNum]);
    b.push_back(kCorners[i % kNum]);
    c.push_back(kCorners[i * 7 % kNum]);
  }
  for (std::size_t op = 0; op < kNumOps; ++op) {
    std::vector<Word> expected(a.size()), got(a.size());
    kScalarForms.op[op](expected.data(), a.data(), b.data(), c.data(), a.size());
    for (const Forms* forms : block_forms()) {
      forms->op[op](got.data(), a.data(), b.data(), c.data(), a.size());
      CAPTURE(forms->isa, op_name(op));
      REQUIRE(first_difference(expected, got) == a.size());
    }
  }
}

TEST_CASE("results may replace an operand, and blocks may have any length") {
  RandomWords random(2);
  for (std::size_t n : {0, 1, 3, 15, 16, 17, 255, 256, 257, 700}) {
    const auto a = random.take(n), b = random.take(n), c = random.take(n);
    for (std::size_t op = 0; op < kNumOps; ++op) {
      std::vector<Word> expected(n);
      kScalarForms.op[op](expected.data(), a.data(), b.data(), c.data(), n);
      for (const Forms* forms : block_forms()) {
        CAPTURE(forms->isa, op_name(op), n);
        auto in_place = a;
        forms->op[op](in_place.data(), in_place.data(), b.data(), c.data(), n);
        REQUIRE(in_place == expected);
        in_place = c;
        forms->op[op](in_place.data(), a.data(), b.data(), in_place.data(), n);
        REQUIRE(in_place == expected);
      }
    }
  }
}

TEST_CASE("no operation of floats yields a NaN other than the canonical one") {
  RandomWords random(3);
  const auto a = random.take(4000), b = random.take(4000), c = random.take(4000);
  std::vector<Word> results(4000);
  for (std::size_t op = 0; op < kNumOps; ++op) {
    if (std::strstr(op_name(op), "_f32") == nullptr || std::strstr(op_name(op), "i32_of")) continue;
    kScalarForms.op[op](results.data(), a.data(), b.data(), c.data(), results.size());
    CAPTURE(op_name(op));
    for (Word w : results) REQUIRE(((w & 0x7fffffffu) <= kInf || w == kNanWord));
  }
}

TEST_CASE("storage forms are the same everywhere") {
  RandomWords random(4);
  const auto words = random.take(2000);
  std::vector<std::uint16_t> halves(words.size()), halves_got(words.size());
  std::vector<std::uint8_t> bytes(words.size()), bytes_got(words.size());
  kScalarForms.store_bf16(halves.data(), words.data(), words.size());
  kScalarForms.store_byte(bytes.data(), words.data(), words.size());
  for (const Forms* forms : block_forms()) {
    CAPTURE(forms->isa);
    forms->store_bf16(halves_got.data(), words.data(), words.size());
    forms->store_byte(bytes_got.data(), words.data(), words.size());
    CHECK(halves_got == halves);
    CHECK(bytes_got == bytes);
    std::vector<Word> back(words.size());
    forms->load_bf16(back.data(), halves.data(), halves.size());
    for (std::size_t i = 0; i < back.size(); ++i) REQUIRE(back[i] == Word{halves[i]} << 16);
    forms->load_u8(back.data(), bytes.data(), bytes.size());
    for (std::size_t i = 0; i < back.size(); ++i) REQUIRE(back[i] == (words[i] & 0xffu));
    forms->load_i8(back.data(), reinterpret_cast<const std::int8_t*>(bytes.data()), bytes.size());
    for (std::size_t i = 0; i < back.size(); ++i) {
      REQUIRE(back[i] == word(std::int32_t{static_cast<std::int8_t>(bytes[i])}));
    }
  }
}

}  // namespace
}  // namespace rdu_hw::arith
