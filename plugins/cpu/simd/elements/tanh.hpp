// The hyperbolic tangent and the logistic function of sixteen floats.
#pragma once

#include "plugins/cpu/simd/floats16.hpp"

namespace rdu::cpu::RDU_CPU_ISA {
namespace {

// 1 / (1 + exp(-x)), each step rounded as the operations are.
RDU_INLINE Floats sigmoid_floats(const Floats& x) {
  const Floats one = all_floats(1.0f);
  return over(one, plus(one, exp_floats(minus(all_floats(-0.0f), x))));
}

#if defined(__AVX512F__)

RDU_INLINE Floats tanh_floats(Floats x) {
  const Floats a = _mm512_abs_ps(x);
  const Floats u = times(a, a);
  Floats p = all_floats(2.064662025e-03f);
  p = fused(p, u, all_floats(-8.091964370e-03f));
  p = fused(p, u, all_floats(2.166634504e-02f));
  p = fused(p, u, all_floats(-5.394056277e-02f));
  p = fused(p, u, all_floats(1.333315789e-01f));
  p = fused(p, u, all_floats(-3.333332961e-01f));
  const Floats near = fused(times(a, u), p, a);
  const Floats one = all_floats(1.0f);
  const Floats far = minus(one, over(all_floats(2.0f), plus(exp_floats(plus(a, a)), one)));
  // A NaN is far.
  const __mmask16 is_near = _mm512_cmp_ps_mask(a, all_floats(0.65f), _CMP_LT_OQ);
  const Floats y = _mm512_mask_mov_ps(far, is_near, near);
  return _mm512_or_ps(y, _mm512_and_ps(x, all_floats(-0.0f)));
}

#else

RDU_INLINE Floats tanh_floats(const Floats& x) {
  return by_lane([&](size_t l) { return tanh_f32(x.lane[l]); });
}

#endif

}  // namespace
}  // namespace rdu::cpu::RDU_CPU_ISA
