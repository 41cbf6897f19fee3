// Lines of bytes as words, with what lies around them.
#pragma once

#include "plugins/cpu/simd/bytes/words.hpp"
#include "plugins/cpu/simd/floats16.hpp"

namespace rdu::cpu::RDU_CPU_ISA {
namespace {

#if defined(__AVX512VNNI__)

using StageWord = uint8_t;

RDU_INLINE __mmask64 first_bytes(size_t n) {
  return n >= 64 ? ~__mmask64{0} : (__mmask64{1} << n) - 1;
}

RDU_INLINE void fill_words(StageWord* to, StageWord word, size_t n) {
  const __m512i words = _mm512_set1_epi8(static_cast<char>(word));
  for (size_t i = 0; i < n; i += 64) _mm512_mask_storeu_epi8(to + i, first_bytes(n - i), words);
}

template <class Byte>
RDU_INLINE void copy_words(StageWord* to, const Byte* from, size_t n) {
  const __m512i move = _mm512_set1_epi8(Byte(-1) < Byte(0) ? char(-128) : char(0));
  for (size_t i = 0; i < n; i += 64) {
    const __mmask64 some = first_bytes(n - i);
    const __m512i bytes = _mm512_maskz_loadu_epi8(some, from + i);
    _mm512_mask_storeu_epi8(to + i, some, _mm512_xor_si512(bytes, move));
  }
}

#else

using StageWord = int16_t;

inline void fill_words(StageWord* to, StageWord word, size_t n) {
  for (size_t i = 0; i < n; ++i) to[i] = word;
}

template <class Byte>
inline void copy_words(StageWord* to, const Byte* from, size_t n) {
  RDU_VECTORIZE
  for (size_t i = 0; i < n; ++i) to[i] = from[i];
}

#endif

template <class Byte>
void stage_lines(const ByteLines& lines) {
  auto* to = static_cast<StageWord*>(lines.to);
  const auto* from = static_cast<const Byte*>(lines.from);
  const auto outside = static_cast<StageWord>(lines.outside);
  const size_t width = lines.left + lines.inside + lines.right;
  fill_words(to, outside, lines.above * width);
  to += lines.above * width;
  for (size_t l = 0; l < lines.count; ++l, to += width, from += lines.from_step) {
    fill_words(to, outside, lines.left);
    copy_words(to + lines.left, from, lines.inside);
    fill_words(to + lines.left + lines.inside, outside, lines.right);
  }
  fill_words(to, outside, lines.below * width);
}

}  // namespace
}  // namespace rdu::cpu::RDU_CPU_ISA
