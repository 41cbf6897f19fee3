// Words for the tests: hand-written bits, and random ones that crowd where rules change.
#pragma once

#include <bit>
#include <cstdint>
#include <random>
#include <vector>

#include "drivers/emu/arith/forms.hpp"

namespace rdu_hw::arith {

inline Word word(float x) { return std::bit_cast<Word>(x); }
inline Word word(std::int32_t x) { return static_cast<Word>(x); }
inline float fp32(Word w) { return std::bit_cast<float>(w); }

inline constexpr Word kNanWord = 0x7fc00000u;
inline constexpr Word kInf = 0x7f800000u;
inline constexpr Word kMinusInf = 0xff800000u;
inline constexpr Word kMinusZero = 0x80000000u;
inline constexpr Word kLeastSubnormal = 1u;
inline constexpr Word kLargest = 0x7f7fffffu;

inline constexpr Word kCorners[] = {
    0u,          kMinusZero,  1u,          0x80000001u, 0x007fffffu, 0x00800000u, 0x807fffffu,
    0x3f800000u, 0xbf800000u, 0x3f7fffffu, 0x3f800001u, 0x3f000000u, 0xbf000000u, 0x3fc00000u,
    0x40000000u, 0x40400000u, 0x40490fdbu, 0x42b17218u, 0x4b000000u, 0x4b800000u, 0xcb000000u,
    0x4affffffu, 0x4f000000u, 0xcf000000u, 0x4effffffu, 0x7fffffffu, 0x7f800001u, 0xffc12345u,
    kNanWord,    kInf,        kMinusInf,   kLargest,    0xff7fffffu, 2u,          0xfffffffeu,
    31u,         32u,         0x0000ffffu};

class RandomWords {
 public:
  explicit RandomWords(std::uint64_t seed) : engine_(seed) {}

  // A third any bits, a third floats around 1, the rest corners and small integers.
  Word next() {
    const std::uint64_t r = engine_();
    const Word any = static_cast<Word>(r >> 32);
    switch (r % 6) {
      case 0:
      case 1:
        return any;
      case 2:
      case 3:
        return (any & 0x87ffffffu) | 0x38000000u;
      case 4:
        return static_cast<Word>(static_cast<std::int32_t>(any) >> 24);
      default:
        return kCorners[any % std::size(kCorners)];
    }
  }

  std::vector<Word> take(std::size_t n) {
    std::vector<Word> words(n);
    for (Word& w : words) w = next();
    return words;
  }

  std::uint64_t bits() { return engine_(); }

 private:
  std::mt19937_64 engine_;
};

// Every table that this machine can run but the definitions.
inline std::vector<const Forms*> block_forms() {
  std::vector<const Forms*> found;
  for (const char* isa : {"baseline", "avx2", "avx512"}) {
    if (const Forms* forms = find_forms(isa)) found.push_back(forms);
  }
  return found;
}

// One element by the definition.
inline Word evaluate(Op op, Word a, Word b = 0, Word c = 0) {
  Word result = 0;
  kScalarForms[op](&result, &a, &b, &c, 1);
  return result;
}

}  // namespace rdu_hw::arith
