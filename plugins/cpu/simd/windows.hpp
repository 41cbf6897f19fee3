// Windowed reductions in two steps, each a loop over whole vectors: down the rows of a window, then along the row that is
// left.
#pragma once

#include "plugins/cpu/simd/ops.hpp"

namespace rdu::cpu::RDU_CPU_ISA {
namespace {

template <class F, class T>
void window_down(void* dst, const void* src, int64_t row_stride, size_t rows, size_t n) {
  constexpr size_t kRun = 256 / sizeof(T);
  T* d = static_cast<T*>(dst);
  const T* s = static_cast<const T*>(src);
  size_t i = 0;
  for (; i + kRun <= n; i += kRun) {
    T acc[kRun];
    __builtin_memcpy(acc, s + i, sizeof acc);
    for (size_t r = 1; r < rows; ++r) {
      const T* row = s + static_cast<int64_t>(r) * row_stride + i;
      RDU_VECTORIZE
      for (size_t l = 0; l < kRun; ++l) acc[l] = F::apply(acc[l], row[l]);
    }
    __builtin_memcpy(d + i, acc, sizeof acc);
  }
  if (i == n) return;
  for (size_t l = i; l < n; ++l) d[l] = s[l];
  for (size_t r = 1; r < rows; ++r) {
    const T* row = s + static_cast<int64_t>(r) * row_stride;
    RDU_VECTORIZE
    for (size_t l = i; l < n; ++l) d[l] = F::apply(d[l], row[l]);
  }
}

// Results of `Lanes` channels each.
template <class F, class T, size_t Lanes>
inline void window_of_lanes(T* d, const T* s, const WindowRow& w) {
  for (size_t i = 0; i < w.count; ++i) {
    const T* first = s + i * w.stride * Lanes;
    T acc[Lanes];
    __builtin_memcpy(acc, first, sizeof acc);
    for (size_t k = 1; k < w.taps; ++k) {
      const T* tap = first + k * w.dilation * Lanes;
      RDU_VECTORIZE
      for (size_t l = 0; l < Lanes; ++l) acc[l] = F::apply(acc[l], tap[l]);
    }
    __builtin_memcpy(d + i * Lanes, acc, sizeof acc);
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
  if (w.lanes == kWindowLanes) return window_of_lanes<F, T, kWindowLanes>(d, s, w);
  if (w.stride == 1) return window_of_points<F, T, 1>(d, s, w);
  if (w.stride == 2) return window_of_points<F, T, 2>(d, s, w);
  for (size_t i = 0; i < w.count; ++i) {
    T acc = s[i * w.stride];
    for (size_t k = 1; k < w.taps; ++k) acc = F::apply(acc, s[i * w.stride + k * w.dilation]);
    d[i] = acc;
  }
}

template <class F, class T>
constexpr WindowKernels windows_of() {
  return {window_down<F, T>, window_along<F, T>};
}

}  // namespace
}  // namespace rdu::cpu::RDU_CPU_ISA
