// Reduction trees and accumulation registers: the order by sums that show it, masks, ties, and every instruction set.
#include <algorithm>
#include <catch2/catch.hpp>
#include <cmath>

#include "tests/drivers/emu/arith/words.hpp"

namespace rdu_hw::arith {
namespace {

constexpr std::size_t kAdd = static_cast<std::size_t>(Fold::add_f32);

std::vector<Word> words_of(std::initializer_list<float> floats) {
  std::vector<Word> words;
  for (float x : floats) words.push_back(word(x));
  return words;
}

Word tree(Fold fold, const std::vector<Word>& lanes, const std::uint64_t* mask = nullptr) {
  Word result = 0;
  kScalarForms.tree[static_cast<std::size_t>(fold)](
      &result, {lanes.data(), mask, static_cast<unsigned>(lanes.size()), 1});
  return result;
}

TEST_CASE("neighbours meet first") {
  // (big - big) + (1 + 1), where 1 is lost beside big: any other order gives 0 or 1.
  CHECK(tree(Fold::add_f32, words_of({0x1p30f, -0x1p30f, 1, 1})) == word(2.0f));
  CHECK(tree(Fold::add_f32, words_of({0x1p30f, 1, -0x1p30f, 1})) == word(0.0f));
  // The fifth lane meets what the first four came to.
  CHECK(tree(Fold::add_f32, words_of({0x1p30f, 0, -0x1p30f, 0, 1})) == word(1.0f));
  CHECK(tree(Fold::add_f32, words_of({1, 0, 0, 0, 0x1p30f, 0, -0x1p30f})) == word(1.0f));
}

TEST_CASE("lanes that are masked off do not count") {
  const std::uint64_t mask = 0b0101;
  CHECK(tree(Fold::add_f32, {word(1.0f), kNanWord, word(2.0f), kNanWord}, &mask) == word(3.0f));
  CHECK(tree(Fold::mul_f32, {word(5.0f), kNanWord, word(2.0f), kInf}, &mask) == word(10.0f));
  CHECK(tree(Fold::min_i32, {9u, word(-4), 7u, word(-5)}, &mask) == 7u);
  const std::uint64_t none = 0;
  for (Fold fold : {Fold::add_f32, Fold::mul_f32, Fold::min_f32, Fold::max_f32, Fold::add_i32,
                    Fold::mul_i32, Fold::min_i32, Fold::max_i32, Fold::and_word, Fold::or_word}) {
    CHECK(tree(fold, std::vector<Word>(7, kNanWord), &none) == identity(fold));
  }
}

TEST_CASE("an identity changes no bit of what it meets") {
  for (std::size_t fold = 0; fold < kNumFolds; ++fold) {
    const bool floats = fold <= static_cast<std::size_t>(Fold::max_f32);
    const Word neutral = identity(static_cast<Fold>(fold));
    for (Word w : kCorners) {
      const bool nan = floats && std::isnan(fp32(w));
      for (const std::vector<Word>& pair : {std::vector<Word>{w, neutral}, {neutral, w}}) {
        CAPTURE(fold, w);
        CHECK(tree(static_cast<Fold>(fold), pair) == (nan ? kNanWord : w));
      }
    }
  }
}

TEST_CASE("a register takes one vector after another, itself on the left") {
  std::vector<Word> registers = words_of({0, 0x1p24f});
  const auto vectors = words_of({0x1p30f, 1, 1, 1, -0x1p30f, 1});
  kScalarForms.accumulate[kAdd](registers.data(), {vectors.data(), nullptr, 2, 3});
  CHECK(registers == words_of({0, 0x1p24f}));  // each 1 is half an ulp and lost on its own
}

// Trees written as recursion: the two halves of the leaves, then what they come to.
float halves(const std::vector<float>& leaves, std::size_t first, std::size_t width) {
  if (width == 1) return leaves[first];
  return halves(leaves, first, width / 2) + halves(leaves, first + width / 2, width / 2);
}

TEST_CASE("trees of 1 to 64 lanes are the recursive sum on every instruction set") {
  RandomWords random(31);
  for (unsigned lanes = 1; lanes <= kMaxLanes; ++lanes) {
    constexpr std::size_t kVectors = 37;
    std::vector<Word> words(kVectors * lanes), results(kVectors);
    for (Word& w : words) w = (random.next() & 0x80ffffffu) | 0x3e000000u;
    std::vector<std::uint64_t> masks(kVectors);
    for (auto& m : masks) m = random.bits() | random.bits();
    for (const Forms* forms : block_forms()) {
      for (const auto* m : {static_cast<const std::uint64_t*>(nullptr),
                            static_cast<const std::uint64_t*>(masks.data())}) {
        forms->tree[kAdd](results.data(), {words.data(), m, lanes, kVectors});
        for (std::size_t v = 0; v < kVectors; ++v) {
          std::vector<float> leaves(std::bit_ceil(lanes), -0.0f);
          for (unsigned l = 0; l < lanes; ++l) {
            if (m == nullptr || (m[v] >> l & 1) != 0) leaves[l] = fp32(words[v * lanes + l]);
          }
          CAPTURE(forms->isa, lanes, v);
          REQUIRE(results[v] == word(halves(leaves, 0, leaves.size())));
        }
      }
    }
  }
}

TEST_CASE("all folds agree with the definition on every instruction set") {
  RandomWords random(32);
  for (unsigned lanes : {1u, 2u, 5u, 16u, 31u, 64u}) {
    constexpr std::size_t kVectors = 83;
    const auto words = random.take(kVectors * lanes), initial = random.take(lanes);
    std::vector<std::uint64_t> masks(kVectors);
    for (auto& m : masks) m = random.bits();
    const Vectors vectors{words.data(), masks.data(), lanes, kVectors};
    for (std::size_t fold = 0; fold < kNumFolds; ++fold) {
      std::vector<Word> expected(kVectors), got(kVectors);
      auto expected_registers = initial;
      kScalarForms.tree[fold](expected.data(), vectors);
      kScalarForms.accumulate[fold](expected_registers.data(), vectors);
      for (const Forms* forms : block_forms()) {
        CAPTURE(forms->isa, fold, lanes);
        forms->tree[fold](got.data(), vectors);
        auto registers = initial;
        forms->accumulate[fold](registers.data(), vectors);
        CHECK(got == expected);
        CHECK(registers == expected_registers);
      }
    }
  }
}

struct Picked {
  Word value, position;
  bool operator==(const Picked&) const = default;
};

Picked pick(Pick rule, const std::vector<Word>& values, std::uint64_t mask = ~0ull) {
  std::vector<Word> positions(values.size());
  for (std::size_t i = 0; i < values.size(); ++i) positions[i] = static_cast<Word>(100 + i);
  Picked result{};
  kScalarForms.pick_tree[static_cast<std::size_t>(rule)](
      &result.value, &result.position,
      {values.data(), &mask, static_cast<unsigned>(values.size()), 1}, positions.data());
  return result;
}

TEST_CASE("picks keep the first or the last of equals; a NaN wins, an empty place never") {
  const auto values = words_of({3, 7, -1, 7, -1});
  CHECK(pick(Pick::max_first_f32, values) == Picked{word(7.0f), 101});
  CHECK(pick(Pick::max_last_f32, values) == Picked{word(7.0f), 103});
  CHECK(pick(Pick::min_first_f32, values) == Picked{word(-1.0f), 102});
  CHECK(pick(Pick::min_last_f32, values) == Picked{word(-1.0f), 104});
  CHECK(pick(Pick::max_first_f32, {kMinusZero, 0u}) == Picked{kMinusZero, 100});  // equal
  CHECK(pick(Pick::min_last_f32, {kMinusZero, 0u}) == Picked{0u, 101});
  CHECK(pick(Pick::max_first_f32, {kInf, 0xff800001u, kNanWord}) == Picked{kNanWord, 101});
  CHECK(pick(Pick::min_last_f32, {kMinusInf, 0xff800001u, kNanWord}) == Picked{kNanWord, 102});
  CHECK(pick(Pick::max_last_i32, {word(-1), 0x7f800001u, 0x7f800001u}) == Picked{0x7f800001u, 102});
  CHECK(pick(Pick::min_first_i32, {4u, word(-9), word(-9)}) == Picked{word(-9), 101});
  CHECK(pick(Pick::max_first_f32, values, 0b00101) == Picked{word(3.0f), 100});
  CHECK(pick(Pick::max_last_f32, {kMinusInf, kMinusInf}, 0b01) == Picked{kMinusInf, 100});
  CHECK(pick(Pick::max_first_f32, values, 0) == Picked{0u, kNowhere});
}

TEST_CASE("picks of many vectors are the library's least and greatest on every instruction set") {
  RandomWords random(33);
  constexpr unsigned kLanes = 16;
  constexpr std::size_t kVectors = 40;
  std::vector<Word> words(kLanes * kVectors), positions(words.size());
  for (Word& w : words) w = word(static_cast<float>(random.bits() % 9) - 4);
  for (std::size_t i = 0; i < positions.size(); ++i) positions[i] = static_cast<Word>(i);
  const auto less = [](Word a, Word b) { return fp32(a) < fp32(b); };
  for (const Forms* forms : block_forms()) {
    std::vector<Word> values(kLanes, 0u), places(kLanes, kNowhere);
    const auto index = static_cast<std::size_t>(Pick::max_first_f32);
    const Vectors vectors{words.data(), nullptr, kLanes, kVectors};
    forms->pick_accumulate[index](values.data(), places.data(), vectors, positions.data());
    Word value = 0, place = 0;
    forms->pick_tree[index](&value, &place, {values.data(), nullptr, kLanes, 1}, places.data());
    const auto first = std::max_element(words.begin(), words.end(), less);
    CHECK(value == *first);
    CHECK(place == static_cast<Word>(first - words.begin()));
    std::vector<Word> tree_values(kVectors), tree_places(kVectors);
    const auto least = static_cast<std::size_t>(Pick::min_first_f32);
    forms->pick_tree[least](tree_values.data(), tree_places.data(), vectors, positions.data());
    for (std::size_t v = 0; v < kVectors; ++v) {
      const auto from = words.begin() + static_cast<std::ptrdiff_t>(v * kLanes);
      const auto found = std::min_element(from, from + kLanes, less);
      CHECK(tree_places[v] == static_cast<Word>(found - words.begin()));
      CHECK(tree_values[v] == *found);
    }
  }
}

}  // namespace
}  // namespace rdu_hw::arith
