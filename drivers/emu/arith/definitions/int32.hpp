// Integers of 32 bits: they wrap modulo 2^32, and anything divided by zero is 0. Words: bits without a type.
#pragma once

#include "drivers/emu/arith/definitions/bits.hpp"

namespace rdu_hw::arith::RDU_HW_ARITH_ISA {
namespace {

RDU_HW_ARITH_INLINE Word add_i32(Word a, Word b) { return a + b; }
RDU_HW_ARITH_INLINE Word sub_i32(Word a, Word b) { return a - b; }
RDU_HW_ARITH_INLINE Word mul_i32(Word a, Word b) { return a * b; }
RDU_HW_ARITH_INLINE Word mad_i32(Word a, Word b, Word c) { return a * b + c; }
RDU_HW_ARITH_INLINE Word neg_i32(Word a) { return 0u - a; }

// Truncated. The quotient of two int32 in binary64 never rounds up to an integer, so cutting its fraction is exact.
// By -1, where -2^31 has no opposite, it is the negation.
RDU_HW_ARITH_INLINE Word div_i32(std::int32_t a, std::int32_t b) {
  const bool special = (b == 0) | (b == -1);
  const double divisor = special ? 1.0 : static_cast<double>(b);
  const Word quotient = static_cast<Word>(static_cast<std::int32_t>(a / divisor));
  const Word signed_quotient = b == -1 ? 0u - quotient : quotient;
  return b == 0 ? 0u : signed_quotient;
}
// The sign of the dividend; by zero: 0.
RDU_HW_ARITH_INLINE Word rem_i32(std::int32_t a, std::int32_t b) {
  const Word remainder = static_cast<Word>(a) - div_i32(a, b) * static_cast<Word>(b);
  return b == 0 ? 0u : remainder;
}
// The sign of the divisor; by zero: 0.
RDU_HW_ARITH_INLINE Word mod_i32(std::int32_t a, std::int32_t b) {
  const Word remainder = rem_i32(a, b);
  const bool opposite = (remainder != 0) & ((static_cast<std::int32_t>(remainder) ^ b) < 0);
  return opposite ? remainder + static_cast<Word>(b) : remainder;
}

RDU_HW_ARITH_INLINE std::int32_t min_i32(std::int32_t a, std::int32_t b) { return a < b ? a : b; }
RDU_HW_ARITH_INLINE std::int32_t max_i32(std::int32_t a, std::int32_t b) { return a > b ? a : b; }
RDU_HW_ARITH_INLINE Word abs_i32(std::int32_t a) {
  const Word w = static_cast<Word>(a);
  return a < 0 ? 0u - w : w;
}
RDU_HW_ARITH_INLINE std::int32_t sign_i32(std::int32_t a) { return (a > 0) - (a < 0); }

RDU_HW_ARITH_INLINE Word eq_i32(std::int32_t a, std::int32_t b) { return a == b; }
RDU_HW_ARITH_INLINE Word ne_i32(std::int32_t a, std::int32_t b) { return a != b; }
RDU_HW_ARITH_INLINE Word lt_i32(std::int32_t a, std::int32_t b) { return a < b; }
RDU_HW_ARITH_INLINE Word le_i32(std::int32_t a, std::int32_t b) { return a <= b; }
RDU_HW_ARITH_INLINE Word gt_i32(std::int32_t a, std::int32_t b) { return a > b; }
RDU_HW_ARITH_INLINE Word ge_i32(std::int32_t a, std::int32_t b) { return a >= b; }

RDU_HW_ARITH_INLINE Word and_word(Word a, Word b) { return a & b; }
RDU_HW_ARITH_INLINE Word or_word(Word a, Word b) { return a | b; }
RDU_HW_ARITH_INLINE Word xor_word(Word a, Word b) { return a ^ b; }
RDU_HW_ARITH_INLINE Word not_word(Word a) { return ~a; }

// By 32 bits or more (the count is unsigned): 0, whatever is shifted.
RDU_HW_ARITH_INLINE Word shl_word(Word a, Word count) {
  return count > 31 ? 0u : a << (count & 31);
}
RDU_HW_ARITH_INLINE Word shr_word(Word a, Word count) {
  return count > 31 ? 0u : a >> (count & 31);
}
RDU_HW_ARITH_INLINE Word shr_i32(std::int32_t a, Word count) {
  return count > 31 ? 0u : static_cast<Word>(a >> (count & 31));
}

RDU_HW_ARITH_INLINE Word select_word(Word condition, Word a, Word b) {
  return condition != 0 ? a : b;
}

}  // namespace
}  // namespace rdu_hw::arith::RDU_HW_ARITH_ISA
