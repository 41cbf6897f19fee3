// Winograd's transforms for windows of 3 x 3 and squares of 4 x 4 outputs: 36 products where 144 were. Every number is a
// vector of channels. The points are 0, 1, -1, 2, -2 and infinity.
#pragma once

#include "plugins/cpu/simd/kernels.hpp"
#include "plugins/cpu/simd/products/panel_gemm.hpp"

namespace rdu::cpu::RDU_CPU_ISA {
namespace {

inline __attribute__((always_inline)) void winograd_source(const PanelVector (&d)[6],
                                                           PanelVector (&t)[6]) {
  const PanelVector two = spread(2), four = spread(4), five = spread(5);
  const PanelVector even = d[4] - four * d[2], odd = d[3] - four * d[1];
  const PanelVector near = d[4] - d[2], far = two * (d[3] - d[1]);
  t[0] = mad(four, d[0], d[4]) - five * d[2];
  t[1] = even + odd;
  t[2] = even - odd;
  t[3] = near + far;
  t[4] = near - far;
  t[5] = mad(four, d[1], d[5]) - five * d[3];
}

inline __attribute__((always_inline)) void winograd_sums(const PanelVector (&m)[6],
                                                         PanelVector (&y)[4]) {
  const PanelVector two = spread(2), four = spread(4), eight = spread(8);
  const PanelVector sum = m[1] + m[2], difference = m[1] - m[2];
  const PanelVector far_sum = m[3] + m[4], far_difference = m[3] - m[4];
  y[0] = m[0] + sum + far_sum;
  y[1] = mad(two, far_difference, difference);
  y[2] = mad(four, far_sum, sum);
  y[3] = mad(eight, far_difference, difference) + m[5];
}

inline __attribute__((always_inline)) void winograd_taps(const PanelVector (&g)[3],
                                                         PanelVector (&u)[6]) {
  const PanelVector even = (g[0] + g[2]) * spread(-1.0f / 6), odd = g[1] * spread(-1.0f / 6);
  const PanelVector far = g[0] * spread(1.0f / 24) + g[2] * spread(1.0f / 6),
                    far_odd = g[1] * spread(1.0f / 12);
  u[0] = g[0] * spread(0.25f);
  u[1] = even + odd;
  u[2] = even - odd;
  u[3] = far + far_odd;
  u[4] = far - far_odd;
  u[5] = g[2];
}

// `Whole`: no input is outside.
template <bool Whole>
inline __attribute__((always_inline)) void winograd_square(const WinogradInput& in) {
  for (size_t lane = 0; lane < 16; lane += kPanelLanes) {
    PanelVector turned[6][6];
    for (size_t x = 0; x < 6; ++x) {
      PanelVector d[6], t[6];
      for (size_t y = 0; y < 6; ++y) {
        const bool inside = Whole || (y >= in.first_row && y < in.end_row && x >= in.first_column &&
                                      x < in.end_column);
        d[y] = inside ? load_lanes(in.from + static_cast<int64_t>(y) * in.line_step +
                                   static_cast<int64_t>(x * 16 + lane))
                      : PanelVector{};
      }
      winograd_source(d, t);
      for (size_t y = 0; y < 6; ++y) turned[y][x] = t[y];
    }
    for (size_t y = 0; y < 6; ++y) {
      PanelVector t[6];
      winograd_source(turned[y], t);
      for (size_t x = 0; x < 6; ++x) {
        store_lanes(
            in.to + static_cast<int64_t>(y * 6 + x) * in.to_step + static_cast<int64_t>(lane),
            t[x]);
      }
    }
  }
}

void winograd_input(const WinogradInput& in) {
  const bool whole =
      in.first_row == 0 && in.end_row == 6 && in.first_column == 0 && in.end_column == 6;
  whole ? winograd_square<true>(in) : winograd_square<false>(in);
}

void winograd_output(const WinogradOutput& out) {
  for (size_t lane = 0; lane < 16; lane += kPanelLanes) {
    PanelVector turned[4][6];
    for (size_t x = 0; x < 6; ++x) {
      PanelVector m[6], y[4];
      for (size_t row = 0; row < 6; ++row) {
        m[row] = load_lanes(out.from + static_cast<int64_t>(row * 6 + x) * out.from_step +
                            static_cast<int64_t>(lane));
      }
      winograd_sums(m, y);
      for (size_t row = 0; row < 4; ++row) turned[row][x] = y[row];
    }
    const PanelVector bias = out.bias == nullptr ? PanelVector{} : load_lanes(out.bias + lane);
    for (size_t row = 0; row < out.rows; ++row) {
      PanelVector y[4];
      winograd_sums(turned[row], y);
      for (size_t x = 0; x < out.columns; ++x) {
        const int64_t place =
            static_cast<int64_t>(row) * out.line_step + static_cast<int64_t>(x * 16 + lane);
        PanelVector sum = y[x] + bias;
        if (out.start != nullptr) sum += load_lanes(out.start + place);
        if (out.clamp) sum = clamp_lanes(sum, spread(out.low), spread(out.high));
        store_lanes(out.to + place, sum);
      }
    }
  }
}

void winograd_weights(float* to, int64_t to_step, const float* from, int64_t tap_step,
                      size_t columns) {
  for (size_t lane = 0; lane < columns; lane += kPanelLanes) {
    PanelVector turned[6][3];
    for (size_t x = 0; x < 3; ++x) {
      PanelVector g[3], u[6];
      for (size_t y = 0; y < 3; ++y) {
        g[y] = load_lanes(from + static_cast<int64_t>(y * 3 + x) * tap_step +
                          static_cast<int64_t>(lane));
      }
      winograd_taps(g, u);
      for (size_t y = 0; y < 6; ++y) turned[y][x] = u[y];
    }
    for (size_t y = 0; y < 6; ++y) {
      PanelVector u[6];
      winograd_taps(turned[y], u);
      for (size_t x = 0; x < 6; ++x) {
        store_lanes(to + static_cast<int64_t>(y * 6 + x) * to_step + static_cast<int64_t>(lane),
                    u[x]);
      }
    }
  }
}

}  // namespace
}  // namespace rdu::cpu::RDU_CPU_ISA
