// Products of a vector and a matrix, which are bound by reading the matrix once.
#pragma once

#include "plugins/cpu/simd/kernels.hpp"
#include "plugins/cpu/simd/loop.hpp"

namespace rdu::cpu::RDU_CPU_ISA {
namespace {

inline float sum_lanes(float (&acc)[32]) {
#pragma GCC unroll 1
  for (size_t half = 16; half != 0; half /= 2)
    for (size_t l = 0; l < half; ++l) acc[l] += acc[l + half];
  return acc[0];
}

void gemv_rows(float* y, const float* w, int64_t ld, const float* x, size_t rows, size_t k) {
  for (size_t r = 0; r < rows; ++r) {
    const float* row = w + static_cast<int64_t>(r) * ld;
    float acc[32] = {};
    size_t i = 0;
    for (; i + 32 <= k; i += 32) {
      __builtin_prefetch(row + i + 256, 0, 2);
      __builtin_prefetch(row + i + 272, 0, 2);
      RDU_VECTORIZE
      for (size_t l = 0; l < 32; ++l) acc[l] = mad(row[i + l], x[i + l], acc[l]);
    }
    for (size_t l = 0; i < k; ++l, ++i) acc[l] = mad(row[i], x[i], acc[l]);
    y[r] = sum_lanes(acc);
  }
}

void gemv_columns(float* y, const float* w, int64_t ld, const float* x, int64_t x_stride,
                  size_t columns, size_t k) {
  constexpr size_t kPanel = 64;
  for (size_t c = 0; c < columns; c += kPanel) {
    const size_t width = columns - c < kPanel ? columns - c : kPanel;
    float acc[kPanel] = {};
    const float* panel = w + c;
    if (width == kPanel) {
      for (size_t i = 0; i < k; ++i) {
        const float* row = panel + static_cast<int64_t>(i) * ld;
        __builtin_prefetch(row + 4 * ld, 0, 2);
        const float factor = x[static_cast<int64_t>(i) * x_stride];
        RDU_VECTORIZE
        for (size_t l = 0; l < kPanel; ++l) acc[l] = mad(row[l], factor, acc[l]);
      }
    } else {
      for (size_t i = 0; i < k; ++i) {
        const float* row = panel + static_cast<int64_t>(i) * ld;
        const float factor = x[static_cast<int64_t>(i) * x_stride];
        for (size_t l = 0; l < width; ++l) acc[l] = mad(row[l], factor, acc[l]);
      }
    }
    for (size_t l = 0; l < width; ++l) y[c + l] = acc[l];
  }
}

}  // namespace
}  // namespace rdu::cpu::RDU_CPU_ISA
