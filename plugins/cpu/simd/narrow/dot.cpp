// Products of 16-bit floats by vdpbf16ps: up to 14 rows times one or two blocks of 16 columns, all sums in registers.
#include <immintrin.h>
#include <stddef.h>
#include <stdint.h>

#include "plugins/cpu/simd/narrow/kernels.hpp"

namespace rdu::cpu {
namespace {

#define RDU_INLINE inline __attribute__((always_inline))

constexpr size_t kRows = 14;
constexpr int64_t kAhead = 2048;  // bytes of a panel that few rows read, as memory gives them

RDU_INLINE __m512bh pairs_at(const uint16_t* from) {
  return reinterpret_cast<__m512bh>(_mm512_loadu_si512(from));
}
RDU_INLINE __m512bh pair_at(const uint16_t* from) {
  int32_t pair = 0;
  __builtin_memcpy(&pair, from, sizeof pair);
  return reinterpret_cast<__m512bh>(_mm512_set1_epi32(pair));
}

// Where a tile has too few rows to hide how long an addition takes, neighbouring steps have sums of their own.
template <size_t R, size_t V>
struct DotSums {
  static constexpr size_t kWays = R * V >= 8 ? 1 : R * V >= 4 ? 2 : 4;
  __m512 sum[kWays][R][V];

  RDU_INLINE DotSums() {
    for (auto& way : sum) {
      for (auto& row : way) {
        for (__m512& s : row) s = _mm512_setzero_ps();
      }
    }
  }

  RDU_INLINE void step(const uint16_t* rows, int64_t row_step, const uint16_t* panel, size_t way) {
    __m512bh columns[V];
#pragma GCC unroll 2
    for (size_t v = 0; v < V; ++v) columns[v] = pairs_at(panel + v * 32);
    if constexpr (R <= 4) __builtin_prefetch(reinterpret_cast<const char*>(panel) + kAhead);
    if constexpr (R <= 4 && V == 2) {
      __builtin_prefetch(reinterpret_cast<const char*>(panel) + kAhead + 64);
    }
#pragma GCC unroll 16
    for (size_t r = 0; r < R; ++r) {
      const __m512bh factor = pair_at(rows + static_cast<int64_t>(r) * row_step);
#pragma GCC unroll 2
      for (size_t v = 0; v < V; ++v) {
        sum[way][r][v] = _mm512_dpbf16_ps(sum[way][r][v], columns[v], factor);
      }
    }
  }

  RDU_INLINE void chunk(const uint16_t* rows, int64_t row_step, const uint16_t* panel,
                        size_t steps) {
    constexpr size_t kTogether = kWays < 2 ? 2 : kWays;
    size_t pairs = steps / 2;
    for (; pairs >= kTogether; pairs -= kTogether) {
#pragma GCC unroll 4
      for (size_t k = 0; k < kTogether; ++k) {
        step(rows + 2 * k, row_step, panel + k * V * 32, k % kWays);
      }
      rows += 2 * kTogether;
      panel += kTogether * V * 32;
    }
    for (; pairs != 0; --pairs, rows += 2, panel += V * 32) step(rows, row_step, panel, 0);
  }

  RDU_INLINE __m512 total(size_t r, size_t v) const {
    __m512 all = sum[0][r][v];
    for (size_t way = 1; way < kWays; ++way) all = _mm512_add_ps(all, sum[way][r][v]);
    return all;
  }
};

template <size_t R, size_t V>
void dot_tile(const NarrowTile& t, int64_t row) {
  DotSums<R, V> sums;
  const uint16_t* rows = t.rows + row * t.row_step;
  for (size_t c = 0; c < t.num_chunks; ++c) {
    const NarrowChunk& chunk = t.chunks[c];
    sums.chunk(rows + chunk.rows, t.row_step,
               t.panel + chunk.panel * static_cast<int64_t>(t.columns), chunk.steps);
  }
  float* to = t.sums + row * t.sums_step;
#pragma GCC unroll 16
  for (size_t r = 0; r < R; ++r, to += t.sums_step) {
#pragma GCC unroll 2
    for (size_t v = 0; v < V; ++v) _mm512_storeu_ps(to + v * 16, sums.total(r, v));
  }
}

struct DotFns {
  void (*fn[kRows])(const NarrowTile&, int64_t);
};
template <size_t V, size_t R = 1>
constexpr void add_fns(DotFns& fns) {
  fns.fn[R - 1] = dot_tile<R, V>;
  if constexpr (R < kRows) add_fns<V, R + 1>(fns);
}
template <size_t V>
constexpr DotFns dot_fns() {
  DotFns fns{};
  add_fns<V>(fns);
  return fns;
}

// Rows in tiles that are as equal as they can be.
void multiply(const NarrowTile& t) {
  static constexpr DotFns kOne = dot_fns<1>(), kTwo = dot_fns<2>();
  const DotFns& fns = t.columns == 32 ? kTwo : kOne;
  size_t row = 0;
  for (size_t tiles = (t.num_rows + kRows - 1) / kRows; tiles != 0; --tiles) {
    const size_t rows = (t.num_rows - row + tiles - 1) / tiles;
    fns.fn[rows - 1](t, static_cast<int64_t>(row));
    row += rows;
  }
}

}  // namespace

const NarrowKernels kDotProductKernels = {2, kRows, multiply};

}  // namespace rdu::cpu
