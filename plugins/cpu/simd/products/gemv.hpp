// Products of a vector and a matrix, which are bound by reading the matrix once. A few of its rows are read at a time,
// each front to back: that is what hardware prefetches best. The order of additions of a sum depends on k alone.
#pragma once

#include "plugins/cpu/simd/kernels.hpp"
#include "plugins/cpu/simd/products/panel_gemm.hpp"

namespace rdu::cpu::RDU_CPU_ISA {
namespace {

constexpr size_t kGemvLanes = 32;
#if defined(__AVX512F__)
constexpr size_t kGemvRows = 4;
#elif defined(__AVX2__)
constexpr size_t kGemvRows = 2;
#else
constexpr size_t kGemvRows = 1;
#endif

// Asking for lines that hardware would not have fetched yet: a sixth more from memory on Intel's, a tenth less on AMD's.
constexpr size_t kGemvAhead = 256;  // floats
inline bool gemv_asks_ahead() {
#if defined(__x86_64__)
  return __builtin_cpu_is("intel") != 0;
#else
  return false;
#endif
}

constexpr size_t kGemvVectors = kGemvLanes / kPanelLanes;

// acc[l] meets acc[l + half], from 16 down to 1.
inline float sum_lanes(float* acc) {
  for (size_t half = kGemvLanes / 2; half >= kPanelLanes; half /= 2) {
    for (size_t l = 0; l < half; l += kPanelLanes) {
      store_lanes(acc + l, load_lanes(acc + l) + load_lanes(acc + half + l));
    }
  }
#pragma GCC unroll 4
  for (size_t half = kPanelLanes / 2; half != 0; half /= 2) {
#pragma GCC unroll 8
    for (size_t l = 0; l < half; ++l) acc[l] += acc[l + half];
  }
  return acc[0];
}

template <size_t R, bool ahead>
inline __attribute__((always_inline)) void gemv_some_rows(float* y, const float* w, int64_t ld,
                                                          const float* x, size_t k) {
  PanelVector acc[R][kGemvVectors] = {};
  size_t i = 0;
  for (; i + kGemvLanes <= k; i += kGemvLanes) {
#pragma GCC unroll 8
    for (size_t v = 0; v < kGemvVectors; ++v) {
      const PanelVector factors = load_lanes(x + i + v * kPanelLanes);
#pragma GCC unroll 4
      for (size_t r = 0; r < R; ++r) {
        const float* row = w + static_cast<int64_t>(r) * ld + i + v * kPanelLanes;
        if constexpr (ahead) __builtin_prefetch(row + kGemvAhead, 0, 2);
        acc[r][v] = mad(load_lanes(row), factors, acc[r][v]);
      }
    }
  }
#pragma GCC unroll 4
  for (size_t r = 0; r < R; ++r) {
    const float* row = w + static_cast<int64_t>(r) * ld;
    float sums[kGemvLanes];
#pragma GCC unroll 8
    for (size_t v = 0; v < kGemvVectors; ++v) store_lanes(sums + v * kPanelLanes, acc[r][v]);
    for (size_t l = 0; i + l < k; ++l) sums[l] = mad(row[i + l], x[i + l], sums[l]);
    y[r] = sum_lanes(sums);
  }
}

template <bool ahead>
void gemv_all_rows(float* y, const float* w, int64_t ld, const float* x, size_t rows, size_t k) {
  size_t r = 0;
  for (; r + kGemvRows <= rows; r += kGemvRows, w += static_cast<int64_t>(kGemvRows) * ld) {
    gemv_some_rows<kGemvRows, ahead>(y + r, w, ld, x, k);
  }
  for (; r < rows; ++r, w += ld) gemv_some_rows<1, ahead>(y + r, w, ld, x, k);
}

void gemv_rows(float* y, const float* w, int64_t ld, const float* x, size_t rows, size_t k) {
  (gemv_asks_ahead() ? gemv_all_rows<true> : gemv_all_rows<false>)(y, w, ld, x, rows, k);
}

// Few columns: their sums are registers from the first row to the last.
void gemv_few_columns(float* y, const float* w, int64_t ld, const float* x, int64_t x_stride,
                      size_t columns, size_t k) {
  constexpr size_t kPanel = 64;
  float acc[kPanel] = {};
  if (columns == kPanel) {
    for (size_t i = 0; i < k; ++i, w += ld) {
      const float factor = x[static_cast<int64_t>(i) * x_stride];
      RDU_VECTORIZE
      for (size_t l = 0; l < kPanel; ++l) acc[l] = mad(w[l], factor, acc[l]);
    }
  } else {
    for (size_t i = 0; i < k; ++i, w += ld) {
      const float factor = x[static_cast<int64_t>(i) * x_stride];
      RDU_VECTORIZE
      for (size_t l = 0; l < columns; ++l) acc[l] = mad(w[l], factor, acc[l]);
    }
  }
  for (size_t l = 0; l < columns; ++l) y[l] = acc[l];
}

// y[c] += the products of R rows.
template <size_t R, bool ahead>
inline __attribute__((always_inline)) void gemv_add_rows(float* y, const float* w, int64_t ld,
                                                         const float* x, int64_t x_stride,
                                                         size_t columns) {
  PanelVector factors[R];
#pragma GCC unroll 4
  for (size_t r = 0; r < R; ++r) factors[r] = spread(x[static_cast<int64_t>(r) * x_stride]);
  size_t c = 0;
  for (; c + kPanelLanes <= columns; c += kPanelLanes) {
    PanelVector acc = load_lanes(y + c);
#pragma GCC unroll 4
    for (size_t r = 0; r < R; ++r) {
      const float* row = w + static_cast<int64_t>(r) * ld + c;
      if constexpr (ahead) __builtin_prefetch(row + kGemvAhead, 0, 2);
      acc = mad(load_lanes(row), factors[r], acc);
    }
    store_lanes(y + c, acc);
  }
  for (; c < columns; ++c) {
    const float* column = w + c;
    for (size_t r = 0; r < R; ++r, column += ld) {
      y[c] = mad(*column, x[static_cast<int64_t>(r) * x_stride], y[c]);
    }
  }
}

// Many: their sums are in the first-level cache.
template <bool ahead>
void gemv_many_columns(float* y, const float* w, int64_t ld, const float* x, int64_t x_stride,
                       size_t columns, size_t k) {
  constexpr size_t kRows = 4, kMost = 4096;
  for (size_t c = 0; c < columns; c += kMost) {
    const size_t width = columns - c < kMost ? columns - c : kMost;
    __builtin_memset(y + c, 0, width * sizeof(float));
    const float* rows = w + c;
    const float* factors = x;
    size_t i = 0;
    for (; i + kRows <= k; i += kRows, rows += kRows * ld, factors += kRows * x_stride) {
      gemv_add_rows<kRows, ahead>(y + c, rows, ld, factors, x_stride, width);
    }
    for (; i < k; ++i, rows += ld, factors += x_stride) {
      gemv_add_rows<1, ahead>(y + c, rows, ld, factors, x_stride, width);
    }
  }
}

void gemv_columns(float* y, const float* w, int64_t ld, const float* x, int64_t x_stride,
                  size_t columns, size_t k) {
  if (columns <= 64) return gemv_few_columns(y, w, ld, x, x_stride, columns, k);
  (gemv_asks_ahead() ? gemv_many_columns<true> : gemv_many_columns<false>)(y, w, ld, x, x_stride,
                                                                           columns, k);
}

}  // namespace
}  // namespace rdu::cpu::RDU_CPU_ISA
