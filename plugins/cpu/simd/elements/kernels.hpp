// Operations, casts, reductions and moves of one instruction set: loops over at most a few thousand elements that stay in L1.
//
// Elements of a register are of the dtype's own C++ type, except that f16 and bf16 are held as floats (rounded to the
// narrow type after each operation), 4-bit integers as bytes (wrapped after each operation), and bool as 0 or 1.
#pragma once

#include <rdu/body_ops.h>
#include <rdu/types.h>

#include <cstddef>
#include <cstdint>

namespace rdu::cpu {

// dst[i] = f(a[i], b[i], c[i]); dst may be one of the operands.
using VectorFn = void (*)(void* dst, const void* a, const void* b, const void* c, std::size_t n);

// Lanes of a reduction: element r goes to lane r mod lanes, whatever the shape around it, and lanes are folded into a
// total every kFold elements; so the order of additions depends on the reduction's extents alone. Short reductions have
// one lane, all others kLanes.
inline constexpr std::size_t kLanes = 16;
inline constexpr std::int64_t kFold = 4096;
inline constexpr std::int64_t kShortReduction = 32;

// acc[row][lane] meet values[row * row_stride + i], i < n; the first has position `phase` in the reduction.
using RowsFn = void (*)(void* acc, const void* values, std::size_t rows, std::size_t n,
                        std::size_t row_stride, std::size_t phase);
// acc[lane][column] meet values[i * columns + column].
using ColumnsFn = void (*)(void* acc, const void* values, std::size_t columns, std::size_t n,
                           std::size_t phase);
// total[i] meets the tree over acc[i * row_stride + lane * lane_stride]; acc becomes `identity`.
using FoldFn = void (*)(void* total, void* acc, std::size_t count, std::size_t row_stride,
                        std::size_t lane_stride, const void* identity);
// best[row], position[row] meet values[row * row_stride + i * stride], whose positions start at `first`.
using ArgFn = void (*)(void* best, std::int64_t* position, const void* values, std::size_t rows,
                       std::size_t n, std::size_t row_stride, std::size_t stride,
                       std::int64_t first);

// Moves of elements of 1 << k bytes. Strides count elements.
struct MoveKernels {
  void (*fill)(void* dst, const void* value, std::size_t n);
  void (*gather)(void* dst, const void* src, std::int64_t stride, std::size_t n);
  void (*scatter)(void* dst, std::int64_t stride, const void* src, std::size_t n);
  // Offset -1 yields *fill.
  void (*gather_indexed)(void* dst, const void* src, const std::int64_t* offsets, const void* fill,
                         std::size_t n);
  // dst[r * dst_stride + c] = src[c * src_stride + r].
  void (*transpose)(void* dst, std::int64_t dst_stride, const void* src, std::int64_t src_stride,
                    std::size_t rows, std::size_t columns);
  // dst[r * dst_step + c] = src[r * src_step + c]; and src[offsets[r] + c], the results row after row. Nothing overlaps.
  void (*rows)(void* dst, std::int64_t dst_step, const void* src, std::int64_t src_step,
               std::size_t rows, std::size_t columns);
  void (*rows_at)(void* dst, const void* src, const std::int64_t* offsets, std::size_t rows,
                  std::size_t columns);
  // dst[r * dst_step + c] = src[r * src_step].
  void (*spread)(void* dst, std::int64_t dst_step, const void* src, std::int64_t src_step,
                 std::size_t rows, std::size_t columns);
};

struct ReduceKernels {
  RowsFn rows;
  ColumnsFn columns;
  FoldFn fold;
};
struct LaneKernels {
  ReduceKernels one;   // a single lane
  ReduceKernels many;  // kLanes
};

struct ElementKernels {
  VectorFn op[RDU_NUM_BODY_OPS][RDU_NUM_DTYPES];  // by operand dtype; NULL: does not exist
  VectorFn isinf[4][RDU_NUM_DTYPES];              // by immediate
  VectorFn cast[RDU_NUM_DTYPES][RDU_NUM_DTYPES];  // [from][to], register to register
  VectorFn wrap[RDU_NUM_DTYPES];                  // a register back into its dtype, or NULL
  VectorFn widen[RDU_NUM_DTYPES];                 // memory to register where they differ, or NULL
  VectorFn narrow[RDU_NUM_DTYPES];                // register to memory where they differ, or NULL
  MoveKernels move[4];                            // by log2 of the element's bytes
  LaneKernels reduce[RDU_NUM_COMBINE_OPS][RDU_NUM_DTYPES];
  ArgFn arg[RDU_NUM_COMBINE_OPS][RDU_NUM_DTYPES];
};

}  // namespace rdu::cpu
