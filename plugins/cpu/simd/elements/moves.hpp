// Moves of elements between memory and registers, by element size.
#pragma once

#include "plugins/cpu/simd/elements/rows.hpp"
#include "plugins/cpu/simd/loop.hpp"
#include "plugins/cpu/simd/transpose.hpp"

namespace rdu::cpu::RDU_CPU_ISA {
namespace {

template <class T>
void fill(void* dst, const void* value, size_t n) {
  T* d = static_cast<T*>(dst);
  const T v = *static_cast<const T*>(value);
  for (size_t i = 0; i < n; ++i) d[i] = v;
}

template <class T, int64_t Stride>
void gather_fixed(T* d, const T* s, size_t n) {
  RDU_VECTORIZE
  for (size_t i = 0; i < n; ++i) d[i] = s[static_cast<int64_t>(i) * Stride];
}

template <class T>
void gather(void* dst, const void* src, int64_t stride, size_t n) {
  T* d = static_cast<T*>(dst);
  const T* s = static_cast<const T*>(src);
  if (stride == 2) return gather_fixed<T, 2>(d, s, n);
  if (stride == 1) return gather_fixed<T, 1>(d, s, n);
  for (size_t i = 0; i < n; ++i) d[i] = s[static_cast<int64_t>(i) * stride];
}

template <class T>
void scatter(void* dst, int64_t stride, const void* src, size_t n) {
  T* d = static_cast<T*>(dst);
  const T* s = static_cast<const T*>(src);
  for (size_t i = 0; i < n; ++i) d[static_cast<int64_t>(i) * stride] = s[i];
}

template <class T>
void gather_indexed(void* dst, const void* src, const int64_t* offsets, const void* fill,
                    size_t n) {
  T* d = static_cast<T*>(dst);
  const T* s = static_cast<const T*>(src);
  const T outside = *static_cast<const T*>(fill);
  for (size_t i = 0; i < n; ++i) d[i] = offsets[i] < 0 ? outside : s[offsets[i]];
}

// Square tiles: reads and writes both stay within a few lines.
template <class T>
void transpose(void* dst, int64_t dst_stride, const void* src, int64_t src_stride, size_t rows,
               size_t columns) {
  constexpr size_t kTile = 64 / sizeof(T) < 16 ? 64 / sizeof(T) : 16;
  T* d = static_cast<T*>(dst);
  const T* s = static_cast<const T*>(src);
  for (size_t r = 0; r < rows; r += kTile) {
    const size_t r_end = r + kTile < rows ? r + kTile : rows;
    for (size_t c = 0; c < columns; c += kTile) {
      const size_t c_end = c + kTile < columns ? c + kTile : columns;
      if (r_end - r == kTile && c_end - c == kTile) {
        T tile[kTile][kTile];
        for (size_t j = 0; j < kTile; ++j) {
          const T* line = s + static_cast<int64_t>(c + j) * src_stride + static_cast<int64_t>(r);
          for (size_t i = 0; i < kTile; ++i) tile[i][j] = line[i];
        }
        for (size_t i = 0; i < kTile; ++i) {
          T* line = d + static_cast<int64_t>(r + i) * dst_stride + static_cast<int64_t>(c);
          for (size_t j = 0; j < kTile; ++j) line[j] = tile[i][j];
        }
        continue;
      }
      for (size_t i = r; i < r_end; ++i)
        for (size_t j = c; j < c_end; ++j)
          d[static_cast<int64_t>(i) * dst_stride + static_cast<int64_t>(j)] =
              s[static_cast<int64_t>(j) * src_stride + static_cast<int64_t>(i)];
    }
  }
}

template <class T>
constexpr MoveKernels moves_of() {
  MoveKernels moves{fill<T>,      gather<T>,    scatter<T>,      gather_indexed<T>,
                    transpose<T>, move_rows<T>, move_rows_at<T>, spread_rows<T>};
  if constexpr (sizeof(T) == 4) moves.transpose = transpose_words;
  return moves;
}

}  // namespace
}  // namespace rdu::cpu::RDU_CPU_ISA
