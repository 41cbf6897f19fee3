// Products of floats from panels: every sum runs over the steps in order, whatever the tile around it.
#pragma once

#include "plugins/cpu/simd/kernels.hpp"
#include "plugins/cpu/simd/loop.hpp"

namespace rdu::cpu::RDU_CPU_ISA {
namespace {

#if defined(__AVX512F__)
constexpr size_t kFloats = 16;
#elif defined(__AVX2__)
constexpr size_t kFloats = 8;
#else
constexpr size_t kFloats = 4;
#endif

// Lanes [lane, lane + V vectors) of the panel and rows [row, row + R); a panel's lanes are padded to whole vectors.
template <size_t R, size_t V>
inline __attribute__((always_inline)) void float_tile(const FloatTile& t, size_t lane, size_t row) {
  float acc[R][V * kFloats] = {};
  const float* lanes = t.lanes + lane;
  const float* rows = t.rows + row * t.steps;
  for (size_t k = 0; k < t.steps; ++k) {
    for (size_t r = 0; r < R; ++r) {
      const float factor = rows[r * t.steps + k];
      RDU_VECTORIZE
      for (size_t l = 0; l < V * kFloats; ++l) {
        acc[r][l] = mad(lanes[k * t.panel_lanes + l], factor, acc[r][l]);
      }
    }
  }
  const size_t left = t.num_lanes - lane, whole = V * kFloats;
  for (size_t r = 0; r < R; ++r) {
    __builtin_memcpy(t.sums + (row + r) * t.num_lanes + lane, acc[r],
                     (left < whole ? left : whole) * sizeof(float));
  }
}

template <size_t V>
inline void float_rows(const FloatTile& t, size_t lane) {
  size_t row = 0;
  for (; row + 4 <= t.num_rows; row += 4) float_tile<4, V>(t, lane, row);
  for (; row < t.num_rows; ++row) float_tile<1, V>(t, lane, row);
}

void multiply_floats(const FloatTile& t) {
  size_t lane = 0;
  for (; lane + 3 * kFloats < t.num_lanes; lane += 4 * kFloats) float_rows<4>(t, lane);
  for (; lane < t.num_lanes; lane += kFloats) float_rows<1>(t, lane);
}

}  // namespace
}  // namespace rdu::cpu::RDU_CPU_ISA
