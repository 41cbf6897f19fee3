// From sums of one block of channels to results: each step rounds as the vector program that it stands for does.
#pragma once

#include "plugins/cpu/simd/byte_kernels.hpp"
#include "plugins/cpu/simd/byte_table.hpp"
#include "plugins/cpu/simd/floats16.hpp"
#include "plugins/cpu/simd/integer_words.hpp"
#include "plugins/cpu/simd/kernels.hpp"

namespace rdu::cpu::RDU_CPU_ISA {
namespace {

typedef float Reals __attribute__((vector_size(kWidth * 4)));
typedef uint32_t Wrapping __attribute__((vector_size(kWidth * 4)));
typedef int8_t Bytes __attribute__((vector_size(kWidth)));
constexpr size_t kBlockLanes = 16;
constexpr size_t kVectorsOfBlock = kBlockLanes / kWidth;

// What all lanes share.
struct Rounding {
  Reals low, high, divisor, reciprocal, zero_point, least, most;
};

RDU_INLINE Reals all_lanes(float x) { return Reals{} + x; }

// NaN becomes `b`.
RDU_INLINE Reals above(Reals a, Reals b) { return a > b ? a : b; }
RDU_INLINE Reals below(Reals a, Reals b) { return a < b ? a : b; }
// NaN stays.
RDU_INLINE Reals clamped(Reals x, const Rounding& q) {
  x = (x > q.low) | (x != x) ? x : q.low;
  return (x < q.high) | (x != x) ? x : q.high;
}

inline Rounding rounding_of(const ByteResults& r) {
  Rounding q;
  q.low = all_lanes(r.low);
  q.high = all_lanes(r.high);
  q.divisor = all_lanes(r.divisor);
  const float reciprocal = 1.0f / r.divisor;
  const bool safe = __builtin_isnormal(reciprocal) && __builtin_isnormal(r.divisor);
  q.reciprocal = all_lanes(safe ? reciprocal : __builtin_nanf(""));
  q.zero_point = all_lanes(r.zero_point);
  q.least = all_lanes(r.kind == ByteResults::kSigned ? -128.0f : 0.0f);
  q.most = all_lanes(r.kind == ByteResults::kSigned ? 127.0f : 255.0f);
  return q;
}

// rint(real / divisor), up to what saturates. Halfway between integers lie few quotients: where none of the vector's is
// near, the product with the reciprocal, which is at most two units of the last place away, rounds to the same.
RDU_INLINE Reals rounded_quotient(Reals real, const Rounding& q) {
#if defined(__AVX512F__)
  constexpr int kNearest = _MM_FROUND_TO_NEAREST_INT | _MM_FROUND_NO_EXC;
  const __m512 y = _mm512_mul_ps((__m512)real, (__m512)q.reciprocal);
  const __m512 whole = _mm512_maskz_roundscale_ps(kAll, y, kNearest);
  const __m512 away = _mm512_abs_ps(_mm512_sub_ps(y, whole));
  const __mmask16 clear = _mm512_cmp_ps_mask(away, _mm512_set1_ps(0.5f - 0x1p-12f), _CMP_LE_OQ) &
                          _mm512_cmp_ps_mask(_mm512_abs_ps(y), _mm512_set1_ps(512.0f), _CMP_LE_OQ);
  if (__builtin_expect(clear == 0xffff, 1)) return (Reals)whole;
  return (Reals)_mm512_maskz_roundscale_ps(kAll, _mm512_div_ps((__m512)real, (__m512)q.divisor),
                                           kNearest);
#else
  // Adding and taking away this rounds to an integer what is smaller than 2^22; all else saturates anyhow.
  const Reals rounder = all_lanes(0x1.8p23f), most = all_lanes(0x1p21f);
  return below(above(real / q.divisor, -most), most) + rounder - rounder;
#endif
}

RDU_INLINE Bytes to_bytes(Reals real, const Rounding& q) {
  Reals y = above(real, q.low);
  y = below(y, q.high);
  y = rounded_quotient(y, q) + q.zero_point;
  y = below(above(y, q.least), q.most);
  const Sums whole = __builtin_convertvector(y, Sums) & (real == real);
#if defined(__AVX512F__)
  return (Bytes)_mm512_maskz_cvtepi32_epi8(kAll, (__m512i)whole);
#else
  return __builtin_convertvector(whole, Bytes);
#endif
}

// Vector v of channels of `count` points, whose sums lie a block apart. Locals, since bytes may alias anything.
template <bool kBytes>
inline void finish_vector(const int32_t* sums, size_t sums_step, size_t count, const ByteResults& r,
                          size_t v, std::byte* out) {
  const Rounding q = rounding_of(r);
  Wrapping whole_bias;
  Reals scale, bias;
  __builtin_memcpy(&whole_bias, r.whole_bias + v * kWidth, sizeof whole_bias);
  __builtin_memcpy(&scale, r.scale + v * kWidth, sizeof scale);
  __builtin_memcpy(&bias, r.bias + v * kWidth, sizeof bias);
  for (size_t i = 0; i < count; ++i) {
    const auto sum = (Sums)((Wrapping)load_sums(sums + i * sums_step + v * kWidth) + whole_bias);
    const Reals real = __builtin_convertvector(sum, Reals) * scale + bias;
    if constexpr (kBytes) {
      const Bytes bytes = to_bytes(real, q);
      __builtin_memcpy(out + i * kBlockLanes + v * kWidth, &bytes, sizeof bytes);
    } else {
      const Reals y = clamped(real, q);
      __builtin_memcpy(out + (i * kBlockLanes + v * kWidth) * 4, &y, sizeof y);
    }
  }
}

inline void finish_block(const int32_t* sums, size_t sums_step, size_t count, const ByteResults& r,
                         std::byte* out) {
  for (size_t v = 0; v < kVectorsOfBlock; ++v) {
    if (r.kind == ByteResults::kFloats)
      finish_vector<false>(sums, sums_step, count, r, v, out);
    else
      finish_vector<true>(sums, sums_step, count, r, v, out);
  }
  if (r.table != nullptr) look_up(out, out, r.table, count * kBlockLanes);
}

}  // namespace
}  // namespace rdu::cpu::RDU_CPU_ISA
