// Transposes words of 32 bits in registers: squares of as many words as a register has.
#pragma once

#include "plugins/cpu/simd/loop.hpp"

#if defined(__AVX512F__)
#include <immintrin.h>
#endif

namespace rdu::cpu::RDU_CPU_ISA {
namespace {

#if defined(__AVX512F__)
constexpr size_t kSide = 16;
#elif defined(__AVX2__)
constexpr size_t kSide = 8;
#else
constexpr size_t kSide = 4;
#endif

typedef uint32_t WordVector __attribute__((vector_size(kSide * 4)));
typedef uint32_t LooseWordVector __attribute__((vector_size(kSide * 4), aligned(4), may_alias));

struct WordLines {
  uint32_t* to;
  int64_t to_step;
  const uint32_t* from;
  int64_t from_step;
};

// Lines i and i + Distance exchange the words that the other should have.
template <size_t Distance, size_t... Lane>
inline __attribute__((always_inline)) void exchange(WordVector& a, WordVector& b) {
  const WordVector first =
      __builtin_shufflevector(a, b, ((Lane & Distance) != 0 ? kSide + Lane - Distance : Lane)...);
  b = __builtin_shufflevector(a, b, ((Lane & Distance) != 0 ? kSide + Lane : Lane + Distance)...);
  a = first;
}

template <size_t Distance>
inline __attribute__((always_inline)) void exchange_lines(WordVector& a, WordVector& b) {
#if defined(__AVX512F__)
  exchange<Distance, 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15>(a, b);
#elif defined(__AVX2__)
  exchange<Distance, 0, 1, 2, 3, 4, 5, 6, 7>(a, b);
#else
  exchange<Distance, 0, 1, 2, 3>(a, b);
#endif
}

template <size_t Distance = kSide / 2>
inline __attribute__((always_inline)) void turn_square(WordVector (&lines)[kSide]) {
#pragma GCC unroll 16
  for (size_t i = 0; i < kSide; ++i) {
    if ((i & Distance) == 0) exchange_lines<Distance>(lines[i], lines[i + Distance]);
  }
  if constexpr (Distance > 1) turn_square<Distance / 2>(lines);
}

void transpose_square(const WordLines& w) {
  WordVector lines[kSide];
#pragma GCC unroll 16
  for (size_t i = 0; i < kSide; ++i) {
    lines[i] =
        *reinterpret_cast<const LooseWordVector*>(w.from + static_cast<int64_t>(i) * w.from_step);
  }
  turn_square(lines);
#pragma GCC unroll 16
  for (size_t i = 0; i < kSide; ++i) {
    *reinterpret_cast<LooseWordVector*>(w.to + static_cast<int64_t>(i) * w.to_step) = lines[i];
  }
}

// A square that is not all there.
void transpose_part(const WordLines& w, size_t rows, size_t columns) {
#if defined(__AVX512F__)
  const auto row_mask = static_cast<__mmask16>((1u << rows) - 1);
  const auto column_mask = static_cast<__mmask16>((1u << columns) - 1);
  // Loops of a known length keep the lines in registers.
  WordVector lines[kSide] = {};
#pragma GCC unroll 16
  for (size_t i = 0; i < kSide; ++i) {
    if (i >= columns) continue;
    lines[i] = reinterpret_cast<WordVector>(
        _mm512_maskz_loadu_epi32(row_mask, w.from + static_cast<int64_t>(i) * w.from_step));
  }
  turn_square(lines);
#pragma GCC unroll 16
  for (size_t i = 0; i < kSide; ++i) {
    if (i >= rows) continue;
    _mm512_mask_storeu_epi32(w.to + static_cast<int64_t>(i) * w.to_step, column_mask,
                             reinterpret_cast<__m512i>(lines[i]));
  }
#else
  for (size_t i = 0; i < rows; ++i) {
    for (size_t j = 0; j < columns; ++j) {
      w.to[static_cast<int64_t>(i) * w.to_step + static_cast<int64_t>(j)] =
          w.from[static_cast<int64_t>(j) * w.from_step + static_cast<int64_t>(i)];
    }
  }
#endif
}

// dst[r * dst_stride + c] = src[c * src_stride + r].
void transpose_words(void* dst, int64_t dst_stride, const void* src, int64_t src_stride,
                     size_t rows, size_t columns) {
  for (size_t r = 0; r < rows; r += kSide) {
    for (size_t c = 0; c < columns; c += kSide) {
      const auto at_row = static_cast<int64_t>(r), at_column = static_cast<int64_t>(c);
      const WordLines square{
          static_cast<uint32_t*>(dst) + at_row * dst_stride + at_column, dst_stride,
          static_cast<const uint32_t*>(src) + at_column * src_stride + at_row, src_stride};
      if (rows - r >= kSide && columns - c >= kSide) {
        transpose_square(square);
      } else {
        transpose_part(square, rows - r < kSide ? rows - r : kSide,
                       columns - c < kSide ? columns - c : kSide);
      }
    }
  }
}

}  // namespace
}  // namespace rdu::cpu::RDU_CPU_ISA
