// Windowed reductions in two steps, each a loop over whole vectors: down the rows of a window, then along the row that is
// left.
#pragma once

#include "plugins/cpu/simd/elements/ops.hpp"
#include "plugins/cpu/simd/floats16.hpp"
#include "plugins/cpu/simd/kernels.hpp"

namespace rdu::cpu::RDU_CPU_ISA {
namespace {

template <class F>
RDU_INLINE Floats meet_floats(const Floats& a, const Floats& b) {
  if constexpr (__is_same(F, Max))
    return greater(a, b);
  else if constexpr (__is_same(F, Min))
    return lesser(a, b);
  else
    return plus(a, b);
}

// Registers of floats from i on, as many as fit; yields where it ends.
template <class F>
inline size_t down_floats(float* d, const float* s, int64_t row_stride, size_t rows, size_t n) {
  constexpr size_t kRegisters = 4;
  size_t i = 0;
  for (; i + kRegisters * 16 <= n; i += kRegisters * 16) {
    Floats acc[kRegisters];
    for (size_t v = 0; v < kRegisters; ++v) acc[v] = load_floats(s + i + v * 16);
    for (size_t r = 1; r < rows; ++r) {
      const float* row = s + static_cast<int64_t>(r) * row_stride + i;
      for (size_t v = 0; v < kRegisters; ++v) {
        acc[v] = meet_floats<F>(acc[v], load_floats(row + v * 16));
      }
    }
    for (size_t v = 0; v < kRegisters; ++v) store_floats(d + i + v * 16, acc[v]);
  }
  for (; i + 16 <= n; i += 16) {
    Floats acc = load_floats(s + i);
    for (size_t r = 1; r < rows; ++r) {
      acc = meet_floats<F>(acc, load_floats(s + static_cast<int64_t>(r) * row_stride + i));
    }
    store_floats(d + i, acc);
  }
  return i;
}

template <class F, class Vector>
RDU_INLINE void meet_integers(Vector& a, const Vector& b) {
  if constexpr (__is_same(F, Max))
    a = a > b ? a : b;
  else if constexpr (__is_same(F, Min))
    a = a < b ? a : b;
  else
    a += b;
}

// Likewise registers of integers.
template <class F, class T>
inline size_t down_integers(T* d, const T* s, int64_t row_stride, size_t rows, size_t n) {
  typedef T Lanes __attribute__((vector_size(64)));
  constexpr size_t kLanes = sizeof(Lanes) / sizeof(T);
  size_t i = 0;
  for (; i + kLanes <= n; i += kLanes) {
    Lanes acc, next;
    __builtin_memcpy(&acc, s + i, sizeof acc);
    for (size_t r = 1; r < rows; ++r) {
      __builtin_memcpy(&next, s + static_cast<int64_t>(r) * row_stride + i, sizeof next);
      meet_integers<F>(acc, next);
    }
    __builtin_memcpy(d + i, &acc, sizeof acc);
  }
  return i;
}

template <class F, class T>
void window_down(void* dst, const void* src, int64_t row_stride, size_t rows, size_t n) {
  T* d = static_cast<T*>(dst);
  const T* s = static_cast<const T*>(src);
  size_t i = 0;
  if constexpr (__is_same(T, float)) i = down_floats<F>(d, s, row_stride, rows, n);
  if constexpr (sizeof(T) == 1) i = down_integers<F>(d, s, row_stride, rows, n);
  if (i == n) return;
  for (size_t l = i; l < n; ++l) d[l] = s[l];
  for (size_t r = 1; r < rows; ++r) {
    const T* row = s + static_cast<int64_t>(r) * row_stride;
    RDU_VECTORIZE
    for (size_t l = i; l < n; ++l) d[l] = F::apply(d[l], row[l]);
  }
}

// Results of 16 channels each.
template <class F>
inline void window_of_blocks(float* d, const float* s, const WindowRow& w) {
  for (size_t i = 0; i < w.count; ++i) {
    const float* first = s + i * w.stride * kWindowLanes;
    Floats acc = load_floats(first);
    for (size_t k = 1; k < w.taps; ++k) {
      acc = meet_floats<F>(acc, load_floats(first + k * w.dilation * kWindowLanes));
    }
    store_floats(d + i * kWindowLanes, acc);
  }
}

template <class F, class T>
inline void window_of_integer_blocks(T* d, const T* s, const WindowRow& w) {
  typedef T Block __attribute__((vector_size(kWindowLanes * sizeof(T))));
  for (size_t i = 0; i < w.count; ++i) {
    const T* first = s + i * w.stride * kWindowLanes;
    Block acc;
    __builtin_memcpy(&acc, first, sizeof acc);
    for (size_t k = 1; k < w.taps; ++k) {
      Block tap;
      __builtin_memcpy(&tap, first + k * w.dilation * kWindowLanes, sizeof tap);
      meet_integers<F>(acc, tap);
    }
    __builtin_memcpy(d + i * kWindowLanes, &acc, sizeof acc);
  }
}

// Single results, `Stride` apart.
template <class F, class T, size_t Stride>
inline void window_of_points(T* d, const T* s, const WindowRow& w) {
  for (size_t i = 0; i < w.count; ++i) d[i] = s[i * Stride];
  for (size_t k = 1; k < w.taps; ++k) {
    const T* tap = s + k * w.dilation;
    RDU_VECTORIZE
    for (size_t i = 0; i < w.count; ++i) d[i] = F::apply(d[i], tap[i * Stride]);
  }
}

template <class F, class T>
void window_along(void* dst, const void* src, const WindowRow& w) {
  T* d = static_cast<T*>(dst);
  const T* s = static_cast<const T*>(src);
  if constexpr (__is_same(T, float)) {
    if (w.lanes == kWindowLanes) return window_of_blocks<F>(d, s, w);
  } else {
    if (w.lanes == kWindowLanes) return window_of_integer_blocks<F>(d, s, w);
  }
  if (w.stride == 1) return window_of_points<F, T, 1>(d, s, w);
  if (w.stride == 2) return window_of_points<F, T, 2>(d, s, w);
  for (size_t i = 0; i < w.count; ++i) {
    T acc = s[i * w.stride];
    for (size_t k = 1; k < w.taps; ++k) acc = F::apply(acc, s[i * w.stride + k * w.dilation]);
    d[i] = acc;
  }
}

// dst[i] = the sum of src[r * row_stride + i] - zero, r < rows.
template <class Byte>
void sum_bytes(int32_t* dst, const void* src, int64_t row_stride, size_t rows, size_t n,
               int32_t zero) {
  const auto* row = static_cast<const Byte*>(src);
  const int32_t start = -static_cast<int32_t>(rows) * zero;
  RDU_VECTORIZE
  for (size_t i = 0; i < n; ++i) dst[i] = row[i] + start;
  for (size_t r = 1; r < rows; ++r) {
    row += row_stride;
    RDU_VECTORIZE
    for (size_t i = 0; i < n; ++i) dst[i] += row[i];
  }
}

template <class F, class T>
constexpr WindowKernels windows_of() {
  return {window_down<F, T>, window_along<F, T>};
}

}  // namespace
}  // namespace rdu::cpu::RDU_CPU_ISA
