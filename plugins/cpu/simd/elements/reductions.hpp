// The combine operations over lanes, over rows, and over columns.
#pragma once

#include "plugins/cpu/simd/elements/ops.hpp"

namespace rdu::cpu::RDU_CPU_ISA {
namespace {

template <class F, class T, size_t Lanes>
void combine_rows(void* acc_data, const void* values, size_t rows, size_t n, size_t row_stride,
                  size_t phase) {
  for (size_t row = 0; row < rows; ++row) {
    T* acc = static_cast<T*>(acc_data) + row * Lanes;
    const T* v = static_cast<const T*>(values) + row * row_stride;
    size_t i = 0;
    for (size_t lane = phase % Lanes; lane != 0 && i < n; lane = (lane + 1) % Lanes, ++i) {
      acc[lane] = F::apply(acc[lane], v[i]);
    }
    T local[Lanes];
    for (size_t l = 0; l < Lanes; ++l) local[l] = acc[l];
    for (; i + Lanes <= n; i += Lanes) {
      RDU_VECTORIZE
      for (size_t l = 0; l < Lanes; ++l) local[l] = F::apply(local[l], v[i + l]);
    }
    for (size_t l = 0; l < Lanes; ++l) acc[l] = local[l];
    for (size_t lane = 0; i < n; ++lane, ++i) acc[lane] = F::apply(acc[lane], v[i]);
  }
}

template <class F, class T, size_t Lanes>
void combine_columns(void* acc_data, const void* values, size_t columns, size_t n, size_t phase) {
  const T* v = static_cast<const T*>(values);
  for (size_t r = 0; r < n; ++r) {
    T* acc = static_cast<T*>(acc_data) + (phase + r) % Lanes * columns;
    const T* row = v + r * columns;
    RDU_VECTORIZE
    for (size_t c = 0; c < columns; ++c) acc[c] = F::apply(acc[c], row[c]);
  }
}

template <class F, class T, size_t Lanes>
inline void fold_rows(T* total, T* acc, size_t count, size_t row_stride, T neutral) {
  for (size_t i = 0; i < count; ++i, acc += row_stride) {
    T lane[Lanes];
    for (size_t l = 0; l < Lanes; ++l) lane[l] = acc[l];
    for (size_t half = Lanes / 2; half != 0; half /= 2) {
      for (size_t l = 0; l < half; ++l) lane[l] = F::apply(lane[l], lane[l + half]);
    }
    total[i] = F::apply(total[i], lane[0]);
    for (size_t l = 0; l < Lanes; ++l) acc[l] = neutral;
  }
}

template <class F, class T, size_t Lanes>
void fold_lanes(void* total, void* acc_data, size_t count, size_t row_stride, size_t lane_stride,
                const void* identity) {
  T* out = static_cast<T*>(total);
  T* acc = static_cast<T*>(acc_data);
  const T neutral = *static_cast<const T*>(identity);
  if (lane_stride == 1) return fold_rows<F, T, Lanes>(out, acc, count, row_stride, neutral);
  for (size_t half = Lanes / 2; half != 0; half /= 2) {
    for (size_t l = 0; l < half; ++l) {
      RDU_VECTORIZE
      for (size_t i = 0; i < count; ++i) {
        acc[i * row_stride + l * lane_stride] = F::apply(
            acc[i * row_stride + l * lane_stride], acc[i * row_stride + (l + half) * lane_stride]);
      }
    }
  }
  RDU_VECTORIZE
  for (size_t i = 0; i < count; ++i) out[i] = F::apply(out[i], acc[i * row_stride]);
  for (size_t l = 0; l < Lanes; ++l) {
    RDU_VECTORIZE
    for (size_t i = 0; i < count; ++i) acc[i * row_stride + l * lane_stride] = neutral;
  }
}

// Does `a` beat the best so far? A NaN wins, the first or the last of several.
template <class T, bool Greatest, bool Last>
inline bool beats(T a, T best) {
  const bool better = Greatest ? a > best : a < best;
  if constexpr (kIsFloat<T>) {
    const bool a_nan = a != a, best_nan = best != best;
    if (Last) return a_nan || (!best_nan && (better || a == best));
    return !best_nan && (a_nan || better);
  } else {
    return better || (Last && a == best);
  }
}

template <class T, bool Greatest, bool Last>
void arg_combine(void* best, int64_t* position, const void* values, size_t rows, size_t n,
                 size_t row_stride, size_t stride, int64_t first) {
  T* top = static_cast<T*>(best);
  const T* v = static_cast<const T*>(values);
  if (row_stride == 1) {
    for (size_t i = 0; i < n; ++i) {
      RDU_VECTORIZE
      for (size_t row = 0; row < rows; ++row) {
        const T a = v[i * stride + row], b = top[row];
        const bool win = beats<T, Greatest, Last>(a, b) || position[row] < 0;
        top[row] = win ? a : b;
        position[row] = win ? first + static_cast<int64_t>(i) : position[row];
      }
    }
    return;
  }
  for (size_t row = 0; row < rows; ++row) {
    for (size_t i = 0; i < n; ++i) {
      const T a = v[row * row_stride + i * stride];
      if (position[row] >= 0 && !beats<T, Greatest, Last>(a, top[row])) continue;
      top[row] = a;
      position[row] = first + static_cast<int64_t>(i);
    }
  }
}

template <class F, class T, size_t Lanes>
constexpr ReduceKernels reduce_lanes() {
  return {combine_rows<F, T, Lanes>, combine_columns<F, T, Lanes>, fold_lanes<F, T, Lanes>};
}

template <class F, class T>
constexpr LaneKernels reduce_of() {
  return {reduce_lanes<F, T, 1>(), reduce_lanes<F, T, kLanes>()};
}

}  // namespace
}  // namespace rdu::cpu::RDU_CPU_ISA
