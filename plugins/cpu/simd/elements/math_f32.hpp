// Elementary functions of floats in float arithmetic: branch-free, within 2 ulp, polynomials of least maximum error.
#pragma once

#include "plugins/cpu/simd/loop.hpp"

namespace rdu::cpu::RDU_CPU_ISA {
namespace {

inline float pow2_f32(uint32_t k) { return bits<float>((k + 127u) << 23); }

inline float exp_f32(float x) {
  constexpr float kRound = 12582912.0f;  // 1.5 * 2^23: adding it rounds to an integer
  constexpr float kLog2e = 1.44269504f, kLn2High = 0.693359375f, kLn2Low = -2.12194440e-4f;
  float c = x > 89.0f ? 89.0f : x;
  c = c < -104.0f ? -104.0f : c;
  const float t = mad(c, kLog2e, kRound);
  const float n = t - kRound;
  const uint32_t k = bits<uint32_t>(t) - bits<uint32_t>(kRound);
  const float r = mad(n, -kLn2Low, mad(n, -kLn2High, c));
  constexpr float p[] = {5.000000101e-01f, 1.666651289e-01f, 4.166618728e-02f, 8.369598410e-03f,
                         1.395171725e-03f};
  const float y = mad(r * r, poly(p, r), r) + 1.0f;
  const uint32_t half = static_cast<uint32_t>(static_cast<int32_t>(k) >> 1);
  return y * pow2_f32(half) * pow2_f32(k - half);
}

inline float log_f32(float x) {
  constexpr uint32_t kSqrtHalf = 0x3f3504f3u;
  constexpr float kLn2High = 0.693359375f, kLn2Low = -2.12194440e-4f;
  const bool subnormal = x < 1.17549435e-38f;
  const uint32_t u = bits<uint32_t>(subnormal ? x * 8388608.0f : x);
  const int32_t k = static_cast<int32_t>(u - kSqrtHalf) >> 23;
  const float f = bits<float>(u - (static_cast<uint32_t>(k) << 23)) - 1.0f;
  const float n = static_cast<float>(k) - (subnormal ? 23.0f : 0.0f);
  constexpr float p[] = {3.333330978e-01f,  -2.499998582e-01f, 2.000227538e-01f,
                         -1.666933192e-01f, 1.421765623e-01f,  -1.238219837e-01f,
                         1.187870707e-01f,  -1.180587743e-01f, 6.921788916e-02f};
  const float square = f * f;
  float y = mad(square * f, poly(p, f), n * kLn2Low);
  y = mad(-0.5f, square, y) + f;
  y = mad(n, kLn2High, y);
  constexpr float kInf = __builtin_inff();
  y = x == kInf ? kInf : y;
  y = x == 0.0f ? -kInf : y;
  return x < 0.0f || x != x ? __builtin_nanf("") : y;
}

inline float tanh_f32(float x) {
  const float a = __builtin_fabsf(x);
  constexpr float p[] = {-3.333332961e-01f, 1.333315789e-01f,  -5.394056277e-02f,
                         2.166634504e-02f,  -8.091964370e-03f, 2.064662025e-03f};
  const float u = a * a;
  const float near = mad(a * u, poly(p, u), a);
  const float far = 1.0f - 2.0f / (exp_f32(2.0f * a) + 1.0f);
  return __builtin_copysignf(a < 0.65f ? near : far, x);
}

inline float erf_f32(float x) {
  const float a = __builtin_fabsf(x);
  constexpr float p[] = {1.128379166e+00f, -3.761262714e-01f, 1.128360018e-01f, -2.685444459e-02f,
                         5.189535338e-03f, -8.020841263e-04f, 7.889119469e-05f};
  // log(erfc) is nearly a parabola.
  constexpr float q[] = {1.755789016e-04f,  -1.129513816e+00f, -6.333637694e-01f,
                         -1.082389558e-01f, 2.507083436e-02f,  -4.138620416e-03f,
                         4.219646530e-04f,  -1.850256066e-05f, -2.241762458e-07f};
  const float near = a * poly(p, a * a);
  const float far = 1.0f - exp_f32(poly(q, a > 4.05f ? 4.05f : a));
  return __builtin_copysignf(a < 1.0f ? near : far, x);
}

}  // namespace
}  // namespace rdu::cpu::RDU_CPU_ISA
