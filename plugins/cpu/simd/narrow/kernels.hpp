// Products of 16-bit floats that are summed as floats, and what is done to the sums: what the kernels of contract/bf16 are.
#pragma once

#include <cstddef>
#include <cstdint>

namespace rdu::cpu {

struct Kernels;

// A run of steps of a product: of row r, rows[r * row_step + first_row_element]; of the columns, the panel from there on.
struct NarrowChunk {
  std::int64_t rows;   // elements from the tile's
  std::int64_t panel;  // steps from the tile's
  std::size_t steps;   // a multiple of NarrowKernels::unit
};

// sums[row][column] = sum over the chunks. A panel is [step / 2][columns][step mod 2], whole blocks of 16 columns, one or
// two of them; `row_step` and chunks count 16-bit elements.
struct NarrowTile {
  const std::uint16_t* rows;
  std::int64_t row_step;
  const std::uint16_t* panel;
  std::size_t columns;  // 16 or 32
  const NarrowChunk* chunks;
  std::size_t num_chunks, num_rows;
  float* sums;
  std::int64_t sums_step;
};

struct NarrowKernels {
  std::int64_t unit;  // steps that a chunk has a multiple of
  std::int64_t rows;  // that a tile is best cut by
  void (*multiply)(const NarrowTile& tile);
};

// to = clamp(sums + bias[column] + start): rows of `columns`. Bias and start may be null.
struct SumRows {
  const float* sums;
  std::int64_t sums_step;
  const float* bias;
  const void* start;
  std::int64_t start_step;
  bool narrow_start, narrow_to;  // BF16, or F32
  void* to;
  std::int64_t to_step;
  std::size_t rows, columns;
  bool clamp;
  float low, high;
};

// Taps of a window over rows of channels: to[c] meets every from[tap][c].
struct TapRows {
  const std::uint16_t* const* taps;
  std::size_t num_taps, channels;
  float* sums;
};

struct NarrowRowKernels {
  void (*finish)(const SumRows& rows);
  // to[i] = first[i], second[i], in turns.
  void (*interleave)(std::uint16_t* to, const std::uint16_t* first, const std::uint16_t* second,
                     std::size_t n);
  void (*max)(const TapRows& taps);
  void (*add)(const TapRows& taps);
};

// Kernels that multiply 16-bit floats where that pays beside `kernels`; null where conversion to floats is as fast.
const NarrowKernels* select_narrow(const Kernels& kernels);

#if defined(__x86_64__)
extern const NarrowKernels kDotProductKernels;  // AVX512-BF16
extern const NarrowKernels kAmxKernels;

// May this process use tiles? Asks the processor and, once, the kernel.
bool amx_runs_here();
#endif

}  // namespace rdu::cpu
