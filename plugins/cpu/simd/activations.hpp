// Activations of floats that programs spell out in several operations: in one pass over a register, or in place over rows
// that a product has just stored.
#pragma once

#include "plugins/cpu/simd/elements/erf.hpp"
#include "plugins/cpu/simd/kernels.hpp"

namespace rdu::cpu::RDU_CPU_ISA {
namespace {

// x * 1 / (1 + exp(-x)), each step rounded as the operations are.
struct Swish {
  RDU_INLINE Swish(float, float) {}
  RDU_INLINE Floats operator()(const Floats& x) const {
    const Floats one = all_floats(1.0f);
    return times(x, over(one, plus(one, exp_floats(minus(all_floats(-0.0f), x)))));
  }
};

// x * (erf(x * scale) + 1) / 2.
class Gelu {
 public:
  RDU_INLINE Gelu(float scale, float) : scale_(all_floats(scale)) {}
  RDU_INLINE Floats operator()(const Floats& x) const {
    const Floats half = times(x, all_floats(0.5f));
    return times(half, plus(erf_(times(x, scale_)), all_floats(1.0f)));
  }

 private:
  ErfOfFloats erf_;
  Floats scale_;
};

// x * (tanh((x + cubic * x³) * scale) + 1) / 2 = x / (exp(-2 * scale * (x + cubic * x³)) + 1).
class TanhGelu {
 public:
  RDU_INLINE TanhGelu(float scale, float cubic)
      : factor_(all_floats(-2.0f * scale)), cubic_(all_floats(-2.0f * scale * cubic)) {}
  RDU_INLINE Floats operator()(const Floats& x) const {
    const Floats u = times(x, fused(times(x, x), cubic_, factor_));
    return over(x, plus(exp_floats(u), all_floats(1.0f)));
  }

 private:
  Floats factor_, cubic_;
};

template <class F>
RDU_INLINE void activate(float* to, const float* from, const F& f, size_t n) {
  size_t i = 0;
  for (; i + 16 <= n; i += 16) store_floats(to + i, f(load_floats(from + i)));
  if (i < n) store_floats(to + i, f(load_floats(from + i, n - i, all_floats(1.0f))), n - i);
}

template <class F>
void activate_register(void* dst, const void* x, const void* first, const void* second, size_t n) {
  const F f(*static_cast<const float*>(first), *static_cast<const float*>(second));
  activate(static_cast<float*>(dst), static_cast<const float*>(x), f, n);
}

template <class F>
void activate_rows(float* x, int64_t step, size_t rows, size_t columns, float first, float second) {
  const F f(first, second);
  for (size_t row = 0; row < rows; ++row, x += step) activate(x, x, f, columns);
}

template <class F>
constexpr ActivationKernels activation_of() {
  return {activate_register<F>, activate_rows<F>};
}

inline void erf_of_floats(void* dst, const void* x, const void*, const void*, size_t n) {
  activate(static_cast<float*>(dst), static_cast<const float*>(x), ErfOfFloats(), n);
}

}  // namespace
}  // namespace rdu::cpu::RDU_CPU_ISA
