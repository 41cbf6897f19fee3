// The operations over blocks of words: loops around the definitions, for the vectoriser.
#pragma once

#include "drivers/emu/arith/definitions/circular.hpp"
#include "drivers/emu/arith/definitions/convert.hpp"
#include "drivers/emu/arith/forms.hpp"

// Iterations do not depend on each other: results equal an operand or do not meet it. The definitions set it to nothing.
#if defined(RDU_HW_ARITH_VECTORIZE)
#elif defined(__clang__)
#define RDU_HW_ARITH_VECTORIZE _Pragma("clang loop vectorize(assume_safety)")
#else
#define RDU_HW_ARITH_VECTORIZE _Pragma("GCC ivdep")
#endif

namespace rdu_hw::arith::RDU_HW_ARITH_ISA {
namespace {

template <auto F, class Type = decltype(F)>
struct Block;

template <auto F, class R, class A>
struct Block<F, R (*)(A)> {
  static void run(Word* r, const Word* a, const Word*, const Word*, std::size_t n) {
    RDU_HW_ARITH_VECTORIZE
    for (std::size_t i = 0; i < n; ++i) r[i] = word_of(F(bits<A>(a[i])));
  }
};

template <auto F, class R, class A, class B>
struct Block<F, R (*)(A, B)> {
  static void run(Word* r, const Word* a, const Word* b, const Word*, std::size_t n) {
    RDU_HW_ARITH_VECTORIZE
    for (std::size_t i = 0; i < n; ++i) r[i] = word_of(F(bits<A>(a[i]), bits<B>(b[i])));
  }
};

template <auto F, class R, class A, class B, class C>
struct Block<F, R (*)(A, B, C)> {
  static void run(Word* r, const Word* a, const Word* b, const Word* c, std::size_t n) {
    RDU_HW_ARITH_VECTORIZE
    for (std::size_t i = 0; i < n; ++i) {
      r[i] = word_of(F(bits<A>(a[i]), bits<B>(b[i]), bits<C>(c[i])));
    }
  }
};

// All angles as near ones; then the far ones again, which are rare, one at a time.
template <float (*Of)(Angle), float (*Whole)(float)>
struct AngleBlock {
  static constexpr std::size_t kChunk = 256;

  static bool is_far(Word w) { return (w & 0x7fffffffu) >= bits<Word>(kFar); }

  static void run_chunk(Word* r, const Word* a, std::size_t n) {
    Word angles[kChunk];  // r may be a
    Word any_far = 0;
    for (std::size_t i = 0; i < n; ++i) {
      angles[i] = a[i];
      any_far |= is_far(a[i]);
    }
    RDU_HW_ARITH_VECTORIZE
    for (std::size_t i = 0; i < n; ++i) r[i] = word_of(Of(near_angle(bits<float>(angles[i]))));
    if (any_far == 0) return;
    for (std::size_t i = 0; i < n; ++i) {
      if (is_far(angles[i])) r[i] = word_of(Whole(bits<float>(angles[i])));
    }
  }

  static void run(Word* r, const Word* a, const Word*, const Word*, std::size_t n) {
    for (std::size_t i = 0; i < n; i += kChunk) {
      run_chunk(r + i, a + i, n - i < kChunk ? n - i : kChunk);
    }
  }
};

inline void load_bf16(Word* words, const std::uint16_t* stored, std::size_t n) {
  for (std::size_t i = 0; i < n; ++i) words[i] = loaded_bf16(stored[i]);
}
inline void store_bf16(std::uint16_t* stored, const Word* words, std::size_t n) {
  for (std::size_t i = 0; i < n; ++i) stored[i] = stored_bf16(words[i]);
}
inline void load_i8(Word* words, const std::int8_t* stored, std::size_t n) {
  for (std::size_t i = 0; i < n; ++i) words[i] = static_cast<Word>(std::int32_t{stored[i]});
}
inline void load_u8(Word* words, const std::uint8_t* stored, std::size_t n) {
  for (std::size_t i = 0; i < n; ++i) words[i] = stored[i];
}
inline void store_byte(std::uint8_t* stored, const Word* words, std::size_t n) {
  for (std::size_t i = 0; i < n; ++i) stored[i] = static_cast<std::uint8_t>(words[i]);
}

constexpr void fill_elementwise(Forms& f) {
#define X(name, number, operands) f.op[number] = Block<name>::run;
  RDU_HW_ARITH_OPS(X)
#undef X
  f.load_bf16 = load_bf16;
  f.store_bf16 = store_bf16;
  f.load_i8 = load_i8;
  f.load_u8 = load_u8;
  f.store_byte = store_byte;
}

// Instead of the branch that every angle takes in the definition.
constexpr void fill_angles(Forms& f) {
  f.op[static_cast<std::size_t>(Op::sin_f32)] = AngleBlock<sin_of, sin_f32>::run;
  f.op[static_cast<std::size_t>(Op::cos_f32)] = AngleBlock<cos_of, cos_f32>::run;
  f.op[static_cast<std::size_t>(Op::tan_f32)] = AngleBlock<tan_of, tan_f32>::run;
}

}  // namespace
}  // namespace rdu_hw::arith::RDU_HW_ARITH_ISA
