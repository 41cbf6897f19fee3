// Products of floats from panels: every sum runs over the steps in order, whatever the tile around it.
#pragma once

#include "plugins/cpu/simd/floats16.hpp"
#include "plugins/cpu/simd/kernels.hpp"

namespace rdu::cpu::RDU_CPU_ISA {
namespace {

#if defined(__AVX512F__)
constexpr size_t kFloatRows = 8;  // of a tile one register wide
#else
constexpr size_t kFloatRows = 2;
#endif

// Lanes [lane, lane + V registers) of the panel and rows [row, row + R); a panel's lanes are padded to whole registers.
template <size_t R, size_t V>
inline __attribute__((always_inline)) void float_tile(const FloatTile& t, size_t lane, size_t row) {
  Floats acc[R][V];
#pragma GCC unroll 8
  for (size_t r = 0; r < R; ++r) {
#pragma GCC unroll 4
    for (size_t v = 0; v < V; ++v) acc[r][v] = all_floats(0.0f);
  }
  const float* lanes = t.lanes + lane;
  const float* rows = t.rows + row * t.steps;
  for (size_t k = 0; k < t.steps; ++k, lanes += t.panel_lanes) {
#pragma GCC unroll 8
    for (size_t r = 0; r < R; ++r) {
      const Floats factor = all_floats(rows[r * t.steps + k]);
#pragma GCC unroll 4
      for (size_t v = 0; v < V; ++v) {
        acc[r][v] = fused(load_floats(lanes + v * 16), factor, acc[r][v]);
      }
    }
  }
#pragma GCC unroll 8
  for (size_t r = 0; r < R; ++r) {
#pragma GCC unroll 4
    for (size_t v = 0; v < V; ++v) {
      const size_t first = lane + v * 16, left = first < t.num_lanes ? t.num_lanes - first : 0;
      float* sums = t.sums + (row + r) * t.num_lanes + first;
      if (left >= 16)
        store_floats(sums, acc[r][v]);
      else
        store_floats(sums, acc[r][v], left);
    }
  }
}

template <size_t R, size_t V>
inline void float_rows(const FloatTile& t, size_t lane) {
  size_t row = 0;
  for (; row + R <= t.num_rows; row += R) float_tile<R, V>(t, lane, row);
  for (; row < t.num_rows; ++row) float_tile<1, V>(t, lane, row);
}

void multiply_floats(const FloatTile& t) {
  size_t lane = 0;
  for (; lane + 48 < t.num_lanes; lane += 64) float_rows<kFloatRows / 2, 4>(t, lane);
  for (; lane + 16 < t.num_lanes; lane += 32) float_rows<kFloatRows / 2, 2>(t, lane);
  if (lane < t.num_lanes) float_rows<kFloatRows, 1>(t, lane);
}

}  // namespace
}  // namespace rdu::cpu::RDU_CPU_ISA
