// A line of a depthwise convolution on blocks of 16 channels: a run of results stays in registers over all taps. Only the
// few results at either end, whose windows leave the line, look at where a tap falls.
#pragma once

#include "plugins/cpu/simd/floats16.hpp"
#include "plugins/cpu/simd/kernels.hpp"

namespace rdu::cpu::RDU_CPU_ISA {
namespace {

RDU_INLINE void store_clamped(float* out, Floats sum, const DepthwiseLine& line) {
  if (line.clamps) sum = lesser(greater(sum, all_floats(line.low)), all_floats(line.high));
  store_floats(out, sum);
}

RDU_INLINE Floats first_sum(const DepthwiseLine& line) {
  return line.bias != nullptr ? load_floats(line.bias) : all_floats(0.0f);
}

// Results [x, x + Count), all of whose taps along the line are inside.
template <size_t Count>
RDU_INLINE void inner_results(const DepthwiseLine& line, int64_t x) {
  Floats sum[Count];
  for (size_t i = 0; i < Count; ++i) sum[i] = first_sum(line);
  const float* weights = line.weights;
  const int64_t step = line.stride * 16;
  for (int64_t ky = 0; ky < line.rows; ++ky) {
    const float* source = line.source + ky * line.row_stride + (x * line.stride - line.pad) * 16;
    for (int64_t kx = 0; kx < line.taps; ++kx, weights += 16, source += line.dilation * 16) {
      const Floats weight = load_floats(weights);
      for (size_t i = 0; i < Count; ++i) {
        sum[i] = fused(load_floats(source + static_cast<int64_t>(i) * step), weight, sum[i]);
      }
    }
  }
  for (size_t i = 0; i < Count; ++i) {
    store_clamped(line.out + (x + static_cast<int64_t>(i)) * 16, sum[i], line);
  }
}

inline void border_result(const DepthwiseLine& line, int64_t x) {
  Floats sum = first_sum(line);
  const int64_t first = x * line.stride - line.pad;
  for (int64_t ky = 0; ky < line.rows; ++ky) {
    for (int64_t kx = 0; kx < line.taps; ++kx) {
      const int64_t at = first + kx * line.dilation;
      if (at < 0 || at >= line.width) continue;
      sum = fused(load_floats(line.source + ky * line.row_stride + at * 16),
                  load_floats(line.weights + (ky * line.taps + kx) * 16), sum);
    }
  }
  store_clamped(line.out + x * 16, sum, line);
}

void depthwise_line(const DepthwiseLine& line) {
  int64_t x = 0;
  for (; x < line.inner_first; ++x) border_result(line, x);
  for (; x + 8 <= line.inner_end; x += 8) inner_results<8>(line, x);
  for (; x + 4 <= line.inner_end; x += 4) inner_results<4>(line, x);
  for (; x < line.inner_end; ++x) inner_results<1>(line, x);
  for (; x < line.count; ++x) border_result(line, x);
}

}  // namespace
}  // namespace rdu::cpu::RDU_CPU_ISA
