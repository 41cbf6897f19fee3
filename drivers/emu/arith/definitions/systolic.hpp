// One element of a systolic array: what it takes in, and one step.
#pragma once

#include "drivers/emu/arith/definitions/convert.hpp"

namespace rdu_hw::arith::RDU_HW_ARITH_ISA {
namespace {

// How an operand is stored, and what it is widened to, exactly.
struct Fp32 {
  using Stored = float;
  using Wide = float;
  RDU_HW_ARITH_INLINE static float widened(float x) { return x; }
};
struct Bf16 {
  using Stored = std::uint16_t;
  using Wide = float;
  RDU_HW_ARITH_INLINE static float widened(std::uint16_t x) { return bits<float>(loaded_bf16(x)); }
};
template <class T>
struct Integer {
  using Stored = T;
  using Wide = Word;
  RDU_HW_ARITH_INLINE static Word widened(T x) {
    return static_cast<Word>(static_cast<std::int32_t>(x));
  }
};

RDU_HW_ARITH_INLINE float systolic_step(float sum, float a, float b) { return fma_f32(a, b, sum); }
RDU_HW_ARITH_INLINE Word systolic_step(Word sum, Word a, Word b) { return mad_i32(a, b, sum); }

// The products of one element, k ascending, into what it holds.
template <class A, class B>
Word systolic_element(Word held, const typename A::Stored* a, std::size_t a_step,
                      const typename B::Stored* b, std::size_t b_step, std::size_t steps) {
  auto sum = bits<typename A::Wide>(held);
  for (std::size_t k = 0; k < steps; ++k) {
    sum = systolic_step(sum, A::widened(a[k * a_step]), B::widened(b[k * b_step]));
  }
  return word_of(sum);
}

}  // namespace
}  // namespace rdu_hw::arith::RDU_HW_ARITH_ISA
