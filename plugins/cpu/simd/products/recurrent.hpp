// A step of an LSTM or a GRU for sixteen units at a time: the products of all gates in registers, the new state from them.
#pragma once

#include "plugins/cpu/simd/elements/tanh.hpp"
#include "plugins/cpu/simd/kernels.hpp"

namespace rdu::cpu::RDU_CPU_ISA {
namespace {

// A sum has two registers, of its even and its odd products, however many rows there are.
constexpr size_t kRecurrentRows = 2;

// A block of weights holds sixteen units of each gate for each element of the hidden state.
template <size_t G, size_t R>
RDU_INLINE void gate_products(Floats (&sums)[G][R], const float* w, const float* hidden,
                              size_t units) {
  Floats odd[G][R];
#pragma GCC unroll 4
  for (size_t g = 0; g < G; ++g) {
#pragma GCC unroll 2
    for (size_t r = 0; r < R; ++r) sums[g][r] = odd[g][r] = all_floats(0.0f);
  }
  size_t k = 0;
  for (; k + 2 <= units; k += 2, w += 2 * G * 16) {
#pragma GCC unroll 4
    for (size_t g = 0; g < G; ++g) {
      const Floats even_w = load_floats(w + g * 16), odd_w = load_floats(w + (G + g) * 16);
#pragma GCC unroll 2
      for (size_t r = 0; r < R; ++r) {
        sums[g][r] = fused(even_w, all_floats(hidden[r * units + k]), sums[g][r]);
        odd[g][r] = fused(odd_w, all_floats(hidden[r * units + k + 1]), odd[g][r]);
      }
    }
  }
#pragma GCC unroll 4
  for (size_t g = 0; g < G; ++g) {
#pragma GCC unroll 2
    for (size_t r = 0; r < R; ++r) {
      if (k < units)
        sums[g][r] = fused(load_floats(w + g * 16), all_floats(hidden[r * units + k]), sums[g][r]);
      sums[g][r] = plus(sums[g][r], odd[g][r]);
    }
  }
}

// What a step is given for some units of a row, by gates.
RDU_INLINE Floats given(const RecurrentStep& s, size_t row, size_t gate, size_t unit, size_t n) {
  const float* from = s.input + row * static_cast<size_t>(s.input_step) +
                      static_cast<size_t>(s.gate_input[gate]) + unit;
  return n == 16 ? load_floats(from) : load_floats(from, n, all_floats(0.0f));
}

RDU_INLINE Floats some_floats(const float* p, size_t n) {
  return n == 16 ? load_floats(p) : load_floats(p, n, all_floats(0.0f));
}

RDU_INLINE void put_floats(float* p, const Floats& x, size_t n) {
  if (n == 16)
    store_floats(p, x);
  else
    store_floats(p, x, n);
}

template <size_t R>
RDU_INLINE void lstm_rows(const RecurrentStep& s, size_t block, size_t row) {
  const size_t unit = block * 16, n = s.units - unit < 16 ? s.units - unit : 16;
  Floats sums[4][R];
  gate_products(sums, s.weights + block * s.units * 64, s.hidden + row * s.units, s.units);
#pragma GCC unroll 2
  for (size_t r = 0; r < R; ++r) {
    const size_t at = (row + r) * s.units + unit;
    const Floats keep = sigmoid_floats(plus(sums[1][r], given(s, row + r, 1, unit, n)));
    const Floats add = sigmoid_floats(plus(sums[0][r], given(s, row + r, 0, unit, n)));
    const Floats candidate = tanh_floats(plus(sums[2][r], given(s, row + r, 2, unit, n)));
    const Floats out = sigmoid_floats(plus(sums[3][r], given(s, row + r, 3, unit, n)));
    const Floats state = plus(times(keep, some_floats(s.state + at, n)), times(add, candidate));
    put_floats(s.next_state + at, state, n);
    put_floats(s.next_hidden + at, times(out, tanh_floats(state)), n);
  }
}

template <size_t R>
RDU_INLINE void gru_rows(const RecurrentStep& s, size_t block, size_t row) {
  const size_t unit = block * 16, n = s.units - unit < 16 ? s.units - unit : 16;
  Floats sums[3][R];
  gate_products(sums, s.weights + block * s.units * 48, s.hidden + row * s.units, s.units);
  const Floats bias = load_floats(s.bias + unit);
#pragma GCC unroll 2
  for (size_t r = 0; r < R; ++r) {
    const size_t at = (row + r) * s.units + unit;
    const Floats update = sigmoid_floats(plus(sums[0][r], given(s, row + r, 0, unit, n)));
    const Floats reset = sigmoid_floats(plus(sums[1][r], given(s, row + r, 1, unit, n)));
    const Floats recurrent = times(reset, plus(sums[2][r], bias));
    const Floats candidate = tanh_floats(plus(recurrent, given(s, row + r, 2, unit, n)));
    const Floats fresh = times(minus(all_floats(1.0f), update), candidate);
    put_floats(s.next_hidden + at, plus(fresh, times(update, some_floats(s.hidden + at, n))), n);
  }
}

void lstm_step(const RecurrentStep& s, size_t first_block, size_t end_block) {
  for (size_t block = first_block; block < end_block; ++block) {
    size_t row = 0;
    for (; row + kRecurrentRows <= s.rows; row += kRecurrentRows)
      lstm_rows<kRecurrentRows>(s, block, row);
    for (; row < s.rows; ++row) lstm_rows<1>(s, block, row);
  }
}

void gru_step(const RecurrentStep& s, size_t first_block, size_t end_block) {
  for (size_t block = first_block; block < end_block; ++block) {
    size_t row = 0;
    for (; row + kRecurrentRows <= s.rows; row += kRecurrentRows)
      gru_rows<kRecurrentRows>(s, block, row);
    for (; row < s.rows; ++row) gru_rows<1>(s, block, row);
  }
}

}  // namespace
}  // namespace rdu::cpu::RDU_CPU_ISA
