// Softmax and normalisation over dense rows: statistics of each row, and what is done to the row with them. A row stays
// in L1 from one kernel to the next.
#pragma once

#include "plugins/cpu/simd/floats16.hpp"
#include "plugins/cpu/simd/kernels.hpp"

namespace rdu::cpu::RDU_CPU_ISA {
namespace {

// f(whole registers of the row) in order, then f of the last few lanes; what those lack is `rest`.
template <class F>
RDU_INLINE void each_of_row(size_t n, F f) {
  size_t i = 0;
  for (; i + 16 <= n; i += 16) f(i, size_t{16});
  if (i < n) f(i, n - i);
}

RDU_INLINE Floats load_some(const float* p, size_t count, Floats rest) {
  return count == 16 ? load_floats(p) : load_floats(p, count, rest);
}
RDU_INLINE void store_some(float* p, Floats x, size_t count) {
  if (count == 16)
    store_floats(p, x);
  else
    store_floats(p, x, count);
}

void max_of_rows(float* out, const float* x, size_t rows, size_t n) {
  const Floats lowest = all_floats(-__builtin_inff());
  for (size_t row = 0; row < rows; ++row, x += n) {
    Floats top = lowest;
    each_of_row(
        n, [&](size_t i, size_t count) { top = greater(top, load_some(x + i, count, lowest)); });
    float lane[16];
    store_floats(lane, top);
    float best = lane[0];
    for (size_t l = 1; l < 16; ++l) best = (best > lane[l]) | (best != best) ? best : lane[l];
    out[row] = best;
  }
}

// Lane r mod 16 takes element r; lanes meet every kFold elements.
template <class F>
RDU_INLINE float sum_of_row(size_t n, F element) {
  const Floats nothing = all_floats(0.0f);
  float total = 0;
  for (size_t first = 0; first < n; first += kFold) {
    const size_t some = n - first < kFold ? n - first : size_t{kFold};
    Floats acc = nothing;
    each_of_row(some, [&](size_t i, size_t count) { acc = plus(acc, element(first + i, count)); });
    total += sum_of_floats(acc);
  }
  return total;
}

void sums_of_rows(float* out, const float* x, size_t rows, size_t n) {
  const Floats nothing = all_floats(0.0f);
  for (size_t row = 0; row < rows; ++row, x += n) {
    out[row] =
        sum_of_row(n, [&](size_t i, size_t count) { return load_some(x + i, count, nothing); });
  }
}

// Sums of (x - mean)², of x² without means.
void squares_of_rows(float* out, const float* x, const float* means, size_t rows, size_t n) {
  for (size_t row = 0; row < rows; ++row, x += n) {
    const Floats mean = all_floats(means != nullptr ? means[row] : 0.0f);
    out[row] = sum_of_row(n, [&](size_t i, size_t count) {
      const Floats d = minus(load_some(x + i, count, mean), mean);
      return times(d, d);
    });
  }
}

void exp_rows(float* y, const float* x, const float* top, size_t rows, size_t n) {
  for (size_t row = 0; row < rows; ++row, x += n, y += n) {
    const Floats most = all_floats(top[row]);
    each_of_row(n, [&](size_t i, size_t count) {
      store_some(y + i, exp_floats(minus(load_some(x + i, count, most), most)), count);
    });
  }
}

void scale_rows(float* x, const float* factors, bool divides, size_t rows, size_t n) {
  const Floats nothing = all_floats(0.0f);
  for (size_t row = 0; row < rows; ++row, x += n) {
    const Floats factor = all_floats(factors[row]);
    each_of_row(n, [&](size_t i, size_t count) {
      const Floats v = load_some(x + i, count, nothing);
      store_some(x + i, divides ? over(v, factor) : times(v, factor), count);
    });
  }
}

void normalise_rows(float* y, const float* x, const NormalisedRows& p, size_t rows, size_t n) {
  const Floats nothing = all_floats(0.0f);
  for (size_t row = 0; row < rows; ++row, x += n, y += n) {
    const Floats mean = all_floats(p.means != nullptr ? p.means[row] : 0.0f);
    const Floats scale = all_floats(p.scales[row]);
    each_of_row(n, [&](size_t i, size_t count) {
      Floats v = minus(load_some(x + i, count, mean), mean);
      v = p.divides ? over(v, scale) : times(v, scale);
      if (p.weights != nullptr) v = times(v, load_some(p.weights + i, count, nothing));
      if (p.biases != nullptr) v = plus(v, load_some(p.biases + i, count, nothing));
      store_some(y + i, v, count);
    });
  }
}

constexpr RowKernels row_kernels() {
  return {max_of_rows, sums_of_rows, squares_of_rows, exp_rows, scale_rows, normalise_rows};
}

}  // namespace
}  // namespace rdu::cpu::RDU_CPU_ISA
