// Conversions between registers, and between a register and memory where the two differ.
#pragma once

#include "plugins/cpu/simd/elements/ops.hpp"

namespace rdu::cpu::RDU_CPU_ISA {
namespace {

// Stand-ins for dtypes whose registers have another type.
struct F16 {};
struct BF16 {};
struct BoolTag {};

template <class Tag>
struct RegisterOf {
  using type = Tag;
};
template <>
struct RegisterOf<F16> {
  using type = float;
};
template <>
struct RegisterOf<BF16> {
  using type = float;
};
template <>
struct RegisterOf<BoolTag> {
  using type = Bool;
};
template <class Tag>
using Register = typename RegisterOf<Tag>::type;

template <class T>
inline constexpr T kMax = kIsSigned<T>
                              ? static_cast<T>((static_cast<uint64_t>(1) << (kBits<T> - 1)) - 1)
                              : static_cast<T>(~static_cast<uint64_t>(0));
template <class T>
inline constexpr T kMin = kIsSigned<T> ? static_cast<T>(-kMax<T> - 1) : T(0);

template <class To, class From>
inline To saturate(From x) {
  constexpr From kAbove = static_cast<From>(kMax<To> / 2 + 1) * From(2),
                 kBelow = static_cast<From>(kMin<To>);
  const To inside = static_cast<To>(x < kAbove && x > kBelow ? x : From(0));
  return x >= kAbove ? kMax<To> : x <= kBelow ? kMin<To> : inside;
}

inline float round_f16(float x) { return float_of_f16(f16_of_float(x)); }
inline float round_bf16(float x) { return float_of_bf16(bf16_of_float(x)); }

template <class To, class From>
inline Register<To> cast_one(From x) {
  if constexpr (__is_same(To, BoolTag)) {
    return static_cast<Bool>(x != From(0));
  } else if constexpr (__is_same(To, F16) || __is_same(To, BF16)) {
    float f = 0;
    if constexpr (__is_same(From, float))
      f = x;
    else
      f = odd_float_of_double(static_cast<double>(x));
    return __is_same(To, F16) ? round_f16(f) : round_bf16(f);
  } else if constexpr (kIsFloat<From> && !kIsFloat<To>) {
    return saturate<To, From>(x);
  } else {
    return static_cast<To>(x);
  }
}

template <class To, class From>
void cast(void* dst, const void* a, const void*, const void*, size_t n) {
  Register<To>* d = static_cast<Register<To>*>(dst);
  const From* x = static_cast<const From*>(a);
  RDU_VECTORIZE
  for (size_t i = 0; i < n; ++i) d[i] = cast_one<To, From>(x[i]);
}

template <float (*Round)(float)>
void wrap_float(void* dst, const void* a, const void*, const void*, size_t n) {
  float* d = static_cast<float*>(dst);
  const float* x = static_cast<const float*>(a);
  RDU_VECTORIZE
  for (size_t i = 0; i < n; ++i) d[i] = Round(x[i]);
}

inline int8_t wrap_i4(int8_t x) { return static_cast<int8_t>((x & 15) - ((x & 8) << 1)); }
inline uint8_t wrap_u4(uint8_t x) { return x & 15; }

template <class T, T (*Wrap)(T)>
void wrap_nibble(void* dst, const void* a, const void*, const void*, size_t n) {
  T* d = static_cast<T*>(dst);
  const T* x = static_cast<const T*>(a);
  RDU_VECTORIZE
  for (size_t i = 0; i < n; ++i) d[i] = Wrap(x[i]);
}

template <float (*Widen)(uint16_t)>
void widen_half(void* dst, const void* a, const void*, const void*, size_t n) {
  float* d = static_cast<float*>(dst);
  const uint16_t* x = static_cast<const uint16_t*>(a);
  RDU_VECTORIZE
  for (size_t i = 0; i < n; ++i) d[i] = Widen(x[i]);
}

template <uint16_t (*Narrow)(float)>
void narrow_half(void* dst, const void* a, const void*, const void*, size_t n) {
  uint16_t* d = static_cast<uint16_t*>(dst);
  const float* x = static_cast<const float*>(a);
  RDU_VECTORIZE
  for (size_t i = 0; i < n; ++i) d[i] = Narrow(x[i]);
}

}  // namespace
}  // namespace rdu::cpu::RDU_CPU_ISA
