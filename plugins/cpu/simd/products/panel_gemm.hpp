// Tiles of products from packed panels: up to kPanelRows rows times one or two blocks of 16 columns, all sums in
// registers from the first step to the last.
#pragma once

#include "plugins/cpu/simd/kernels.hpp"
#include "plugins/cpu/simd/loop.hpp"

#if defined(__FMA__)
#include <immintrin.h>
#endif

namespace rdu::cpu::RDU_CPU_ISA {
namespace {

#if defined(__AVX512F__)
constexpr size_t kPanelLanes = 16, kPanelRows = 14, kPanelBlocks = 2;
#elif defined(__AVX2__)
constexpr size_t kPanelLanes = 8, kPanelRows = 6, kPanelBlocks = 1;
#else
constexpr size_t kPanelLanes = 4, kPanelRows = 3, kPanelBlocks = 1;
#endif
constexpr size_t kBlockVectors = 16 / kPanelLanes;

typedef float PanelVector __attribute__((vector_size(kPanelLanes * sizeof(float))));
// As it lies in memory.
typedef float LoosePanelVector
    __attribute__((vector_size(kPanelLanes * sizeof(float)), aligned(4), may_alias));

inline __attribute__((always_inline)) PanelVector load_lanes(const float* from) {
  return *reinterpret_cast<const LoosePanelVector*>(from);
}
inline __attribute__((always_inline)) void store_lanes(float* to, PanelVector value) {
  *reinterpret_cast<LoosePanelVector*>(to) = value;
}

inline __attribute__((always_inline)) PanelVector mad(PanelVector a, PanelVector b, PanelVector c) {
#if defined(__AVX512F__)
  return reinterpret_cast<PanelVector>(_mm512_fmadd_ps(
      reinterpret_cast<__m512>(a), reinterpret_cast<__m512>(b), reinterpret_cast<__m512>(c)));
#elif defined(__FMA__)
  return reinterpret_cast<PanelVector>(_mm256_fmadd_ps(
      reinterpret_cast<__m256>(a), reinterpret_cast<__m256>(b), reinterpret_cast<__m256>(c)));
#else
  return a * b + c;
#endif
}

// A scalar meets a vector in every lane; nothing is left of the subtraction.
inline __attribute__((always_inline)) PanelVector spread(float value) {
  return value - PanelVector{};
}

// Row r of a chunk, in lines of `Line` rows. Few address registers reach all rows: every third of a line has its own, the
// two after it are one and two steps further.
template <size_t R, size_t Line>
struct RowPointers {
  static constexpr size_t kOfLine = (Line + 2) / 3, kGroups = R / Line * kOfLine;
  const char* group[kGroups];
  int64_t step;  // bytes

  inline __attribute__((always_inline))
  RowPointers(const float* rows, int64_t row_step, int64_t line_step)
      : step(row_step * static_cast<int64_t>(sizeof(float))) {
    const char* line = reinterpret_cast<const char*>(rows);
#pragma GCC unroll 8
    for (size_t g = 0; g < kGroups; ++g) {
      if (g != 0 && g % kOfLine == 0) line += line_step * static_cast<int64_t>(sizeof(float));
      group[g] = g % kOfLine == 0 ? line : group[g - 1] + 3 * step;
    }
  }
  inline __attribute__((always_inline)) float at(size_t r, size_t k) const {
    const size_t of_line = r % Line;
    const char* place =
        group[r / Line * kOfLine + of_line / 3] + static_cast<int64_t>(of_line % 3) * step;
    return reinterpret_cast<const float*>(place)[k];
  }
  inline __attribute__((always_inline)) void advance(size_t k) {
#pragma GCC unroll 8
    for (size_t g = 0; g < kGroups; ++g) group[g] += k * sizeof(float);
  }
};

// Sums of a tile. Where it has too few rows to hide how long an addition takes, neighbouring steps have sums of their own.
template <size_t R, size_t V, size_t Line>
struct PanelSums {
  static constexpr size_t kWays = R * V >= 6 ? 1 : R * V >= 3 ? 2 : 4;
  PanelVector acc[kWays][R][V] = {};

  inline __attribute__((always_inline)) void step(const RowPointers<R, Line>& rows, size_t k,
                                                  const float* panel) {
    PanelVector lanes[V];
#pragma GCC unroll 8
    for (size_t v = 0; v < V; ++v) lanes[v] = load_lanes(panel + v * kPanelLanes);
#pragma GCC unroll 16
    for (size_t r = 0; r < R; ++r) {
      const PanelVector factor = spread(rows.at(r, k));
#pragma GCC unroll 8
      for (size_t v = 0; v < V; ++v) {
        PanelVector& sum = acc[k % kWays][r][v];
        sum = mad(lanes[v], factor, sum);
      }
    }
  }

  inline __attribute__((always_inline)) void chunk(const PanelTile& t, const float* from,
                                                   const float* panel, size_t steps) {
    const int64_t panel_step = t.panel_step;
    RowPointers<R, Line> rows(from, t.row_step, t.line_step);
    for (; steps >= 4; steps -= 4) {
#pragma GCC unroll 4
      for (size_t k = 0; k < 4; ++k) step(rows, k, panel + static_cast<int64_t>(k) * panel_step);
      rows.advance(4);
      panel += 4 * panel_step;
    }
    for (; steps != 0; --steps) {
      step(rows, 0, panel);
      rows.advance(1);
      panel += panel_step;
    }
  }

  inline __attribute__((always_inline)) PanelVector total(size_t r, size_t v) const {
    if constexpr (kWays == 1) return acc[0][r][v];
    if constexpr (kWays == 2) return acc[0][r][v] + acc[1][r][v];
    if constexpr (kWays == 4) return (acc[0][r][v] + acc[1][r][v]) + (acc[2][r][v] + acc[3][r][v]);
  }
};

// What is not a number stays so: the instructions give their second operand then.
inline __attribute__((always_inline)) PanelVector clamp_lanes(PanelVector x, PanelVector low,
                                                              PanelVector high) {
#if defined(__AVX512F__)
  constexpr __mmask16 kAllLanes = 0xffff;
  const __m512 raised =
      _mm512_maskz_max_ps(kAllLanes, reinterpret_cast<__m512>(low), reinterpret_cast<__m512>(x));
  return reinterpret_cast<PanelVector>(
      _mm512_maskz_min_ps(kAllLanes, reinterpret_cast<__m512>(high), raised));
#else
  x = x < low ? low : x;
  return x > high ? high : x;
#endif
}

// Where vector v of row r lies.
inline __attribute__((always_inline)) int64_t lane_place(size_t r, size_t v, int64_t row_step,
                                                         int64_t block_step) {
  return static_cast<int64_t>(r) * row_step + static_cast<int64_t>(v / kBlockVectors) * block_step +
         static_cast<int64_t>(v % kBlockVectors * kPanelLanes);
}

// What the sums start at joins them at the end.
template <size_t R, size_t V, size_t Line>
inline __attribute__((always_inline)) void finish_sums(const PanelTile& t,
                                                       PanelSums<R, V, Line>& sums,
                                                       const float* start, int64_t start_step,
                                                       int64_t start_block, float* to,
                                                       int64_t to_step, int64_t to_block) {
#pragma GCC unroll 16
  for (size_t r = 0; r < R; ++r) {
#pragma GCC unroll 8
    for (size_t v = 0; v < V; ++v) {
      PanelVector sum = sums.total(r, v);
      if (t.bias != nullptr) sum += load_lanes(t.bias + v * kPanelLanes);
      if (start != nullptr) sum += load_lanes(start + lane_place(r, v, start_step, start_block));
      if (t.clamp) sum = clamp_lanes(sum, spread(t.low), spread(t.high));
      store_lanes(to + lane_place(r, v, to_step, to_block), sum);
    }
  }
}

// The last block's columns are not all there.
#if defined(__AVX512F__)
template <size_t R, size_t V, size_t Line>
__attribute__((noinline)) void finish_part(const PanelTile& t, PanelSums<R, V, Line>& sums,
                                           const float* start, float* to) {
  const auto load = [](__mmask16 mask, const float* from) {
    return reinterpret_cast<PanelVector>(_mm512_maskz_loadu_ps(mask, from));
  };
#pragma GCC unroll 8
  for (size_t v = 0; v < V; ++v) {
    const size_t first = v * kPanelLanes;
    if (first >= t.num_columns) return;
    const size_t left = t.num_columns - first;
    const auto mask = static_cast<__mmask16>(left < kPanelLanes ? (1u << left) - 1 : 0xffffu);
#pragma GCC unroll 16
    for (size_t r = 0; r < R; ++r) {
      PanelVector sum = sums.total(r, v);
      if (t.bias != nullptr) sum += load(mask, t.bias + first);
      if (start != nullptr) {
        sum += load(mask, start + lane_place(r, v, t.start_step, t.start_block));
      }
      if (t.clamp) sum = clamp_lanes(sum, spread(t.low), spread(t.high));
      _mm512_mask_storeu_ps(to + lane_place(r, v, t.sums_step, t.sums_block), mask,
                            reinterpret_cast<__m512>(sum));
    }
  }
}
#else
// Through memory of whole blocks.
template <size_t R, size_t V, size_t Line>
__attribute__((noinline)) void finish_part(const PanelTile& t, PanelSums<R, V, Line>& sums,
                                           const float* start, float* to) {
  constexpr size_t kWidth = V * kPanelLanes;
  float whole[R * kWidth] = {};
  if (start != nullptr) {
    for (size_t r = 0; r < R; ++r) {
      for (size_t c = 0; c < t.num_columns; ++c) {
        whole[r * kWidth + c] =
            start[static_cast<int64_t>(r) * t.start_step +
                  static_cast<int64_t>(c / 16) * t.start_block + static_cast<int64_t>(c % 16)];
      }
    }
  }
  finish_sums(t, sums, start == nullptr ? nullptr : whole, kWidth, 16, whole, kWidth, 16);
  for (size_t r = 0; r < R; ++r) {
    for (size_t c = 0; c < t.num_columns; ++c) {
      to[static_cast<int64_t>(r) * t.sums_step + static_cast<int64_t>(c / 16) * t.sums_block +
         static_cast<int64_t>(c % 16)] = whole[r * kWidth + c];
    }
  }
}
#endif

template <size_t R, size_t V, size_t Line = R>
void panel_tile(const PanelTile& t, int64_t row) {
  PanelSums<R, V, Line> sums;
  const float* rows = t.rows + row * t.row_step;
  const float* panel = t.panel;
  for (size_t repeat = 0; repeat < t.repeats; ++repeat) {
    for (size_t c = 0; c < t.num_chunks; ++c) {
      const PanelChunk& chunk = t.chunks[c];
      sums.chunk(t, rows + chunk.rows, panel + chunk.panel, chunk.steps);
    }
    rows += t.rows_repeat;
    panel += t.panel_repeat;
  }
  const float* start = t.start == nullptr ? nullptr : t.start + row * t.start_step;
  float* to = t.sums + row * t.sums_step;
  if (t.num_columns < V * kPanelLanes) {
    PanelSums<R, V, Line> part = sums;  // sums whose address nobody takes never lie in memory
    return finish_part(t, part, start, to);
  }
  finish_sums(t, sums, start, t.start_step, t.start_block, to, t.sums_step, t.sums_block);
}

using PanelFn = void (*)(const PanelTile&, int64_t);
struct PanelFns {
  PanelFn fn[kPanelRows];
};

template <size_t V, size_t R = 1>
constexpr void add_panel_fns(PanelFns& fns) {
  fns.fn[R - 1] = panel_tile<R, V>;
  if constexpr (R < kPanelRows) add_panel_fns<V, R + 1>(fns);
}
template <size_t V>
constexpr PanelFns panel_fns() {
  PanelFns fns{};
  add_panel_fns<V>(fns);
  return fns;
}

#if defined(__AVX512F__)
// A tile of short lines: as many as the registers have room for.
template <size_t V, size_t Line>
void short_lines(const PanelTile& t) {
  panel_tile<kPanelRows / Line * Line, V, Line>(t, 0);
}
#endif

// Rows in tiles that are as equal as they can be.
template <size_t V>
void panel_rows(const PanelTile& t) {
#if defined(__AVX512F__)
  if (t.line_rows != 0) {
    static constexpr void (*kLines[])(const PanelTile&) = {short_lines<V, 4>, short_lines<V, 5>,
                                                           short_lines<V, 6>, short_lines<V, 7>};
    return kLines[t.line_rows - 4](t);
  }
#endif
  static constexpr PanelFns kFns = panel_fns<V>();
  size_t tiles = (t.num_rows + kPanelRows - 1) / kPanelRows, row = 0;
  for (; tiles != 0; --tiles) {
    const size_t rows = (t.num_rows - row + tiles - 1) / tiles;
    kFns.fn[rows - 1](t, static_cast<int64_t>(row));
    row += rows;
  }
}

void multiply_panel(const PanelTile& t) {
  if constexpr (kPanelBlocks > 1) {
    if (t.num_columns > 16) return panel_rows<kPanelBlocks * kBlockVectors>(t);
  }
  panel_rows<kBlockVectors>(t);
}

constexpr PanelKernels panel_kernels() {
  PanelKernels kernels{kPanelRows, kPanelBlocks, {}, multiply_panel};
#if defined(__AVX512F__)
  for (size_t rows = 4; rows <= kLongestShortLine; ++rows) {
    kernels.lines[rows] = static_cast<int64_t>(kPanelRows / rows);
  }
#endif
  return kernels;
}

}  // namespace
}  // namespace rdu::cpu::RDU_CPU_ISA
