// The table of one instruction set but for its elements, filled at compile time.
#pragma once

#include "plugins/cpu/simd/activations.hpp"
#include "plugins/cpu/simd/bytes/gemm.hpp"
#include "plugins/cpu/simd/bytes/requantise.hpp"
#include "plugins/cpu/simd/elements/ops.hpp"
#include "plugins/cpu/simd/lanes.hpp"
#include "plugins/cpu/simd/narrow/rows.hpp"
#include "plugins/cpu/simd/products/depthwise.hpp"
#include "plugins/cpu/simd/products/float_gemm.hpp"
#include "plugins/cpu/simd/products/gemv.hpp"
#include "plugins/cpu/simd/products/interleave.hpp"
#include "plugins/cpu/simd/products/panel_gemm.hpp"
#include "plugins/cpu/simd/products/recurrent.hpp"
#include "plugins/cpu/simd/products/runs.hpp"
#include "plugins/cpu/simd/products/winograd.hpp"
#include "plugins/cpu/simd/rows.hpp"
#include "plugins/cpu/simd/windows.hpp"

namespace rdu::cpu::RDU_CPU_ISA {
namespace {

template <class T>
constexpr void add_windows(Kernels& k, rdu_dtype d) {
  k.window[RDU_COMBINE_MIN][d] = windows_of<Min, T>();
  k.window[RDU_COMBINE_MAX][d] = windows_of<Max, T>();
}

constexpr Kernels make_kernels(const char* isa) {
  Kernels k{};
  k.isa = isa;
  k.interleave = interleave;
  add_windows<float>(k, RDU_DTYPE_F32);
  add_windows<int8_t>(k, RDU_DTYPE_I8);
  add_windows<uint8_t>(k, RDU_DTYPE_U8);
  k.window[RDU_COMBINE_ADD][RDU_DTYPE_F32] = windows_of<Add, float>();
  k.window[RDU_COMBINE_ADD][RDU_DTYPE_I32] = windows_of<Add, int32_t>();
  k.sum_bytes[0] = sum_bytes<uint8_t>;
  k.sum_bytes[1] = sum_bytes<int8_t>;
  k.pick_lanes = pick_lanes;
  k.swish = activation_of<Swish>();
  k.gelu = activation_of<Gelu>();
  k.tanh_gelu = activation_of<TanhGelu>();
  k.rows = row_kernels();
  k.depthwise_line = depthwise_line;
  k.gemv = {gemv_rows, gemv_columns};
  k.copy_runs = copy_runs;
  k.multiply_floats = multiply_floats;
  k.panels = panel_kernels();
  k.recurrent = {lstm_step, gru_step};
  k.winograd = {winograd_input, winograd_output, winograd_weights};
  k.integers = integer_kernels();
  k.narrow_rows = {finish_sum_rows, interleave_rows, max_of_taps, sum_of_taps};
  k.requantise[0][0] = requantise<uint8_t, false>;
  k.requantise[0][1] = requantise<uint8_t, true>;
  k.requantise[1][0] = requantise<int8_t, false>;
  k.requantise[1][1] = requantise<int8_t, true>;
  return k;
}

}  // namespace
}  // namespace rdu::cpu::RDU_CPU_ISA
