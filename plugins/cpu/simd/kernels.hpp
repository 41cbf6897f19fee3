// The kernels of one instruction set: those of elements, and those that know a shape (rows, windows, products).
//
// The same sources are compiled once per instruction set; `select_kernels` picks the widest that this machine runs.
#pragma once

#include <rdu/types.h>

#include <cstddef>
#include <cstdint>

#include "plugins/cpu/simd/bytes/kernels.hpp"
#include "plugins/cpu/simd/elements/kernels.hpp"
#include "plugins/cpu/simd/narrow/kernels.hpp"

namespace rdu::cpu {

// Lanes of a block of 16 channels: 0 to 15 of one block, 16 to 31 those of another, or
inline constexpr std::int32_t kKeepLane = -1, kZeroLane = -2;

// y = ((x - mean) * scale) * weight + bias, or divided by the scale; means, weights and biases may be NULL.
struct NormalisedRows {
  const float* means;
  const float* scales;   // means and scales: one for a row
  const float* weights;  // weights and biases: one for a column
  const float* biases;
  bool divides;
};

// A function of a float and two numbers that are the same for all elements: of a register, where the numbers are the first
// elements of the second and third operand; and in place over rows `step` floats apart.
struct ActivationKernels {
  VectorFn vector;
  void (*rows)(float* x, std::int64_t step, std::size_t rows, std::size_t columns, float first,
               float second);
};

// Dense rows of n floats. Sums: element r goes to lane r mod 16, lanes meet every kFold elements.
struct RowKernels {
  void (*max)(float* out, const float* x, std::size_t rows, std::size_t n);
  void (*sum)(float* out, const float* x, std::size_t rows, std::size_t n);
  // Of (x - mean)², of x² where means is NULL.
  void (*squares)(float* out, const float* x, const float* means, std::size_t rows, std::size_t n);
  void (*exp)(float* y, const float* x, const float* top, std::size_t rows, std::size_t n);
  void (*scale)(float* x, const float* factors, bool divides, std::size_t rows, std::size_t n);
  void (*normalise)(float* y, const float* x, const NormalisedRows& parameters, std::size_t rows,
                    std::size_t n);
};

// A line of a depthwise convolution, in blocks of 16 channels: out[x] = clamp(bias + sum over ky < rows, kx < taps of
// source[ky * row_stride + (x * stride - pad + kx * dilation) * 16] * weights[(ky * taps + kx) * 16]); what lies outside of
// [0, width) adds nothing, and does not happen for x in [inner_first, inner_end). No bias where it is NULL.
struct DepthwiseLine {
  float* out;
  const float* source;
  const float* weights;
  const float* bias;
  std::int64_t rows, taps, row_stride, stride, dilation, pad;
  std::int64_t width, count, inner_first, inner_end;
  bool clamps;
  float low, high;
};

// A row of results of a windowed reduction: result i meets src[(i * stride + k * dilation) * lanes + lane], k < taps.
inline constexpr std::size_t kWindowLanes = 16;
struct WindowRow {
  std::size_t lanes;  // 1 or kWindowLanes
  std::size_t count, taps, stride, dilation;
};
struct WindowKernels {
  // dst[i] meets src[r * row_stride + i], r < rows.
  void (*down)(void* dst, const void* src, std::int64_t row_stride, std::size_t rows,
               std::size_t n);
  void (*along)(void* dst, const void* src, const WindowRow& row);
};

// y[n] += or = over rows of a matrix: the products of a vector and a matrix.
struct GemvKernels {
  // y[r] = sum_k w[r * ld + k] * x[k].
  void (*rows)(float* y, const float* w, std::int64_t ld, const float* x, std::size_t rows,
               std::size_t k);
  // y[c] = sum_k w[k * ld + c] * x[k * x_stride].
  void (*columns)(float* y, const float* w, std::int64_t ld, const float* x, std::int64_t x_stride,
                  std::size_t columns, std::size_t k);
};

// Elements [to, to + count) of a panel: those of memory from `from` on, or where that is negative the fill.
struct CopyRun {
  std::int64_t from;
  std::uint32_t to, count;
};

// Products of floats: sums[row][num_lanes] of lanes[step][panel_lanes] and rows[row][step]. panel_lanes is a multiple of
// kFloatLanes.
inline constexpr std::int64_t kFloatLanes = 16;
struct FloatTile {
  float* sums;
  const float* lanes;
  const float* rows;
  std::size_t num_lanes, panel_lanes, num_rows, steps;
};

// A run of steps of a product: of row r, rows[r * row_step + step]; of the columns, panel[step * panel_step + column].
struct PanelChunk {
  std::int64_t rows, panel;  // floats from the tile's
  std::size_t steps;
};

// sums[row][column] = clamp(sum over `repeats` of the chunks + bias[column] + start[row][column]). Columns come in blocks
// of 16, at most PanelKernels::blocks of them; panels are padded to whole blocks.
struct PanelTile {
  const float* rows;
  std::int64_t row_step;
  const float* panel;
  std::int64_t panel_step;
  const PanelChunk* chunks;
  std::size_t num_chunks;
  std::size_t repeats;
  std::int64_t rows_repeat, panel_repeat;  // floats from one repeat to the next
  std::size_t num_rows, num_columns;
  std::size_t line_rows;   // 0: all rows lie `row_step` apart; else so many, and then the next
  std::int64_t line_step;  // floats on: at most PanelKernels::lines of them, all whole
  float* sums;
  std::int64_t sums_step, sums_block;
  const float* bias;   // null: none
  const float* start;  // null: zeros; may be `sums`
  std::int64_t start_step, start_block;
  bool clamp;
  float low, high;
};

inline constexpr std::size_t kLongestShortLine = 7;

struct PanelKernels {
  std::int64_t rows;                          // of the largest tile
  std::int64_t blocks;                        // of 16 columns in a panel
  std::int64_t lines[kLongestShortLine + 1];  // of a tile, by their rows; 0: one
  void (*multiply)(const PanelTile& tile);
};

// A step of a recurrent layer. Blocks of weights hold 16 units: for each element of the hidden state, those of each gate.
// Rows of the state are `units` long; a gate's inputs of row r start at input[r * input_step + gate_input[gate]].
struct RecurrentStep {
  std::size_t rows, units;
  const float* weights;
  const float* bias;  // of a GRU's candidate, padded to whole blocks
  const float* input;
  std::int64_t input_step;
  std::int64_t gate_input[4];
  const float* hidden;
  float* next_hidden;  // not `hidden`
  const float* state;  // of an LSTM
  float* next_state;   // may be `state`
};
using RecurrentStepFn = void (*)(const RecurrentStep& step, std::size_t first_block,
                                 std::size_t end_block);
struct RecurrentKernels {
  RecurrentStepFn lstm;  // gates: input, forget, candidate, output
  RecurrentStepFn gru;   // update, reset, candidate
};

// Squares of 6 x 6 inputs and of 4 x 4 outputs, each point 16 channels; 36 transformed ones lie `to_step` or `from_step`
// floats from one to the next. Inputs outside of the rows and columns named are zeros; outputs outside are not written.
struct WinogradInput {
  const float* from;
  std::int64_t line_step;
  std::size_t first_row, end_row, first_column, end_column;
  float* to;
  std::int64_t to_step;
};
struct WinogradOutput {
  const float* from;
  std::int64_t from_step;
  float* to;
  std::int64_t line_step;
  std::size_t rows, columns;
  const float* bias;   // null: none
  const float* start;  // null: none; lies as `to`
  bool clamp;
  float low, high;
};
struct WinogradKernels {
  void (*input)(const WinogradInput& in);
  void (*output)(const WinogradOutput& out);
  // 36 transformed weights of 3 x 3 taps, `columns` (a multiple of 16) neighbours of each.
  void (*weights)(float* to, std::int64_t to_step, const float* from, std::int64_t tap_step,
                  std::size_t columns);
};

// Products of 8-bit integers. `lanes` is a panel [group][panel_lanes] and `rows` [row][group], both of 32-bit words that
// hold one group of reduction steps each; sums is [row][num_lanes]. panel_lanes is a multiple of the width.
struct IntegerTile {
  std::int32_t* sums;
  const void* lanes;
  const void* rows;
  const std::int32_t* row_start;  // what each row's sums start at
  std::size_t num_lanes, panel_lanes, num_rows, groups;
};

struct IntegerKernels {
  std::uint32_t group;       // reduction steps in a word
  std::uint32_t word_bytes;  // of a step
  std::uint32_t width;       // lanes of a vector
  // Signed bytes of a panel, and unsigned bytes of rows, stand for themselves plus and less this.
  std::int32_t signed_lane_shift, unsigned_row_shift;
  void (*multiply)(const IntegerTile& tile);
  // By signedness. From bytes[step][lane] and bytes[row][step].
  void (*pack_lanes[2])(void* panel, std::size_t panel_lanes, const void* bytes,
                        std::size_t num_lanes, std::size_t steps);
  void (*pack_rows[2])(void* rows, std::int32_t* sums, const void* bytes, std::size_t num_rows,
                       std::size_t steps);
  void (*sum_lanes[2])(std::int32_t* sums, const void* bytes, std::size_t num_lanes,
                       std::size_t steps);
  void (*subtract_product)(std::int32_t* sums, const std::int32_t* lanes, std::int32_t factor,
                           std::size_t n);
  ByteKernels bytes;
};

// saturate(round(clamp(float(sum + whole_bias) * scale + bias) / divisor) + zero_point). A bias of -0 adds nothing.
struct Requantisation {
  const std::int32_t* whole_bias;
  const float* scale;
  const float* bias;
  float low, high;
  float divisor, zero_point;
};
using RequantiseFn = void (*)(void* dst, const std::int32_t* sums, std::size_t n,
                              const Requantisation& parameters);

struct Kernels : ElementKernels {
  const char* isa;
  ActivationKernels swish;      // x * 1 / (1 + exp(-x))
  ActivationKernels gelu;       // x * (erf(x * first) + 1) / 2
  ActivationKernels tanh_gelu;  // x * (tanh((x + second * x³) * first) + 1) / 2
  // dst[point][lane] = {first, second}[point][pick[lane]].
  void (*pick_lanes)(float* dst, const float* first, const float* second, const std::int32_t* pick,
                     std::size_t points);
  // to[point * channels + c] = from[c * plane + point].
  void (*interleave)(float* to, const float* from, std::int64_t plane, std::size_t channels,
                     std::size_t points);
  WindowKernels window[RDU_NUM_COMBINE_OPS][RDU_NUM_DTYPES];  // NULL: does not exist
  // By signedness: dst[i] = the sum of src[r * row_stride + i] - zero, r < rows.
  void (*sum_bytes[2])(std::int32_t* dst, const void* src, std::int64_t row_stride,
                       std::size_t rows, std::size_t n, std::int32_t zero);
  RowKernels rows;
  void (*depthwise_line)(const DepthwiseLine& line);
  GemvKernels gemv;
  void (*copy_runs)(float* to, const float* from, const CopyRun* runs, std::size_t num_runs,
                    float fill);
  void (*multiply_floats)(const FloatTile& tile);
  PanelKernels panels;
  WinogradKernels winograd;
  RecurrentKernels recurrent;
  IntegerKernels integers;
  NarrowRowKernels narrow_rows;
  RequantiseFn requantise[2][2];  // [signed][parameters for each element]
};

// As the files compiled for an instruction set fill them; select.cpp joins the two.
extern const ElementKernels kBaselineElements;
extern const Kernels kBaselineKernels;
#if defined(__x86_64__)
extern const ElementKernels kAvx2Elements, kAvx512Elements;
extern const Kernels kAvx2Kernels, kAvx512Kernels;
extern const Kernels kAvx512AmxKernels;  // the same, beside tiles
extern const IntegerKernels kVnniIntegers;
#endif

// The widest kernels of this machine, or those of `isa` ("baseline", "avx2", "avx512", "amx"); NULL where they cannot run.
const Kernels* select_kernels(const char* isa = nullptr);

// Those of `kernels`, or better ones for the same registers where this machine has them.
const IntegerKernels& select_integers(const Kernels& kernels);

}  // namespace rdu::cpu
