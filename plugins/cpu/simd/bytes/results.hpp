// From sums of one block of channels to results: each step rounds as the vector program that it stands for does.
#pragma once

#include "plugins/cpu/simd/bytes/kernels.hpp"
#include "plugins/cpu/simd/bytes/table.hpp"
#include "plugins/cpu/simd/bytes/words.hpp"
#include "plugins/cpu/simd/floats16.hpp"
#include "plugins/cpu/simd/kernels.hpp"

namespace rdu::cpu::RDU_CPU_ISA {
namespace {

typedef float Reals __attribute__((vector_size(kWidth * 4)));
typedef uint32_t Wrapping __attribute__((vector_size(kWidth * 4)));
typedef int8_t Bytes __attribute__((vector_size(kWidth)));
constexpr size_t kBlockLanes = 16;
constexpr size_t kVectorsOfBlock = kBlockLanes / kWidth;

RDU_INLINE Reals all_lanes(float x) { return Reals{} + x; }

// The parameters of one vector of channels.
struct VectorOfResults {
  Wrapping whole_bias;
  Reals scale, bias, factor;

  VectorOfResults(const ByteResults& r, size_t v) {
    __builtin_memcpy(&whole_bias, r.whole_bias + v * kWidth, sizeof whole_bias);
    __builtin_memcpy(&scale, r.scale + v * kWidth, sizeof scale);
    __builtin_memcpy(&factor, r.factor + v * kWidth, sizeof factor);
    bias = all_lanes(-0.0f);
    if (r.bias != nullptr) __builtin_memcpy(&bias, r.bias + v * kWidth, sizeof bias);
  }

  RDU_INLINE Reals whole(const int32_t* sums) const {
    return __builtin_convertvector((Sums)((Wrapping)load_sums(sums) + whole_bias), Reals);
  }
  RDU_INLINE Reals real(const int32_t* sums) const { return whole(sums) * scale + bias; }
};

// A NaN stays.
RDU_INLINE Reals clamped(Reals x, Reals low, Reals high) {
  x = (x > low) | (x != x) ? x : low;
  return (x < high) | (x != x) ? x : high;
}

inline void finish_floats(const int32_t* sums, size_t sums_step, size_t count, const ByteResults& r,
                          size_t v, std::byte* out) {
  const VectorOfResults p(r, v);
  const Reals low = all_lanes(r.low), high = all_lanes(r.high);
  for (size_t i = 0; i < count; ++i) {
    const Reals y = clamped(p.real(sums + i * sums_step), low, high);
    __builtin_memcpy(out + i * kBlockLanes * 4, &y, sizeof y);
  }
}

#if defined(__AVX512F__)

// Few quotients lie near the middle between two integers: where none of these does, the product with the factor, which
// is at most 2.5 units of the last place of a quotient below 512 away, rounds to the same.
constexpr float kClearOfMiddle = 0.5f - 0x1p-13f;

// `Rows` points at once; they share the question whether to divide.
template <size_t Rows, bool kBias>
RDU_INLINE void finish_rows(const int32_t* sums, size_t sums_step, const ByteResults& r,
                            const VectorOfResults& p, std::byte* out) {
  constexpr int kNearest = _MM_FROUND_TO_NEAREST_INT | _MM_FROUND_NO_EXC;
  const __m512 least = _mm512_set1_ps(r.least), most = _mm512_set1_ps(r.most);
  __m512 y[Rows], away = _mm512_setzero_ps();
  for (size_t i = 0; i < Rows; ++i) {
    const int32_t* sum = sums + i * sums_step;
    y[i] = (__m512)((kBias ? p.real(sum) : p.whole(sum)) * p.factor);
    // A NaN stays: the second operand wins.
    y[i] = _mm512_maskz_min_ps(kAll, most, _mm512_maskz_max_ps(kAll, least, y[i]));
    away = _mm512_maskz_max_ps(kAll, away,
                               _mm512_abs_ps(_mm512_maskz_reduce_ps(kAll, y[i], kNearest)));
  }
  const __mmask16 clear = _mm512_cmp_ps_mask(away, _mm512_set1_ps(kClearOfMiddle), _CMP_LE_OQ);
  if (__builtin_expect(clear != 0xffff, 0)) {
    for (size_t i = 0; i < Rows; ++i) {
      const auto real = (__m512)p.real(sums + i * sums_step);
      const __m512 quotient = _mm512_div_ps(real, _mm512_set1_ps(r.divisor));
      y[i] = _mm512_maskz_min_ps(kAll, most, _mm512_maskz_max_ps(kAll, least, quotient));
    }
  }
  const __m512i zero_point = _mm512_set1_epi32(r.zero_point);
  for (size_t i = 0; i < Rows; ++i) {
    const __m512i whole = _mm512_maskz_cvtps_epi32(kAll, y[i]);
    _mm_storeu_si128(reinterpret_cast<__m128i*>(out + i * kBlockLanes),
                     _mm512_maskz_cvtepi32_epi8(kAll, _mm512_add_epi32(whole, zero_point)));
  }
}

// Bytes of four points from their integers, by packing with saturation.
struct BytePacker {
  __m512i zero_point, order, low, high;
  bool is_signed;

  explicit BytePacker(const ByteResults& r)
      : zero_point(_mm512_set1_epi16(static_cast<int16_t>(r.zero_point))),
        // Packing keeps to parts of 128 bits.
        order(_mm512_setr_epi32(0, 4, 8, 12, 1, 5, 9, 13, 2, 6, 10, 14, 3, 7, 11, 15)),
        low(_mm512_set1_epi8(static_cast<char>(static_cast<int32_t>(r.least) + r.zero_point))),
        high(_mm512_set1_epi8(static_cast<char>(static_cast<int32_t>(r.most) + r.zero_point))),
        is_signed(r.kind == ByteResults::kSigned) {}

  RDU_INLINE __m512i pack(const __m512i (&whole)[4]) const {
    const auto halves = [&](__m512i a, __m512i b) {
      return _mm512_adds_epi16(_mm512_packs_epi32(a, b), zero_point);
    };
    const __m512i first = halves(whole[0], whole[1]), last = halves(whole[2], whole[3]);
    const __m512i bytes =
        is_signed ? _mm512_min_epi8(high, _mm512_max_epi8(low, _mm512_packs_epi16(first, last)))
                  : _mm512_min_epu8(high, _mm512_max_epu8(low, _mm512_packus_epi16(first, last)));
    return _mm512_maskz_permutexvar_epi32(kAll, order, bytes);
  }
};

// As finish_rows, where no product with a factor can leave 32 bits.
template <size_t Rows, bool kBias>
RDU_INLINE void pack_rows(const int32_t* sums, size_t sums_step, const ByteResults& r,
                          const VectorOfResults& p, const BytePacker& packer, std::byte* out) {
  constexpr int kNearest = _MM_FROUND_TO_NEAREST_INT | _MM_FROUND_NO_EXC;
  constexpr int kGreaterMagnitude = 11;
  __m512 away = _mm512_setzero_ps();
  __m512i whole[4] = {};
  for (size_t i = 0; i < Rows; ++i) {
    const int32_t* sum = sums + i * sums_step;
    const auto y = (__m512)((kBias ? p.real(sum) : p.whole(sum)) * p.factor);
    whole[i] = _mm512_maskz_cvtps_epi32(kAll, y);
    away = _mm512_maskz_range_ps(kAll, away, _mm512_maskz_reduce_ps(kAll, y, kNearest),
                                 kGreaterMagnitude);
  }
  const __mmask16 unclear = _mm512_cmp_ps_mask(away, _mm512_set1_ps(kClearOfMiddle), _CMP_GT_OQ);
  if (__builtin_expect(unclear != 0, 0)) {
    for (size_t i = 0; i < Rows; ++i) {
      const auto real = (__m512)p.real(sums + i * sums_step);
      whole[i] = _mm512_maskz_cvtps_epi32(kAll, _mm512_div_ps(real, _mm512_set1_ps(r.divisor)));
    }
  }
  const auto points = static_cast<__mmask16>((1u << (4 * Rows)) - 1);
  _mm512_mask_storeu_epi32(out, points, packer.pack(whole));
}

template <bool kBias>
inline void pack_bytes(const int32_t* sums, size_t sums_step, size_t count, const ByteResults& r,
                       std::byte* out) {
  const VectorOfResults p(r, 0);
  const BytePacker packer(r);
  size_t i = 0;
  for (; i + 4 <= count; i += 4) {
    pack_rows<4, kBias>(sums + i * sums_step, sums_step, r, p, packer, out + i * kBlockLanes);
  }
  const int32_t* rest = sums + i * sums_step;
  out += i * kBlockLanes;
  if (count - i == 1) pack_rows<1, kBias>(rest, sums_step, r, p, packer, out);
  if (count - i == 2) pack_rows<2, kBias>(rest, sums_step, r, p, packer, out);
  if (count - i == 3) pack_rows<3, kBias>(rest, sums_step, r, p, packer, out);
}

template <bool kBias>
inline void finish_bytes(const int32_t* sums, size_t sums_step, size_t count, const ByteResults& r,
                         size_t v, std::byte* out) {
  if (r.within_32_bits) return pack_bytes<kBias>(sums, sums_step, count, r, out);
  const VectorOfResults p(r, v);
  size_t i = 0;
  for (; i + 4 <= count; i += 4) {
    finish_rows<4, kBias>(sums + i * sums_step, sums_step, r, p, out + i * kBlockLanes);
  }
  for (; i < count; ++i) {
    finish_rows<1, kBias>(sums + i * sums_step, sums_step, r, p, out + i * kBlockLanes);
  }
}

#else

template <bool>
inline void finish_bytes(const int32_t* sums, size_t sums_step, size_t count, const ByteResults& r,
                         size_t v, std::byte* out) {
  const VectorOfResults p(r, v);
  // Adding and taking away this rounds to an integer what is smaller than 2^22.
  const Reals rounder = all_lanes(0x1.8p23f), divisor = all_lanes(r.divisor);
  const Reals least = all_lanes(r.least), most = all_lanes(r.most);
  for (size_t i = 0; i < count; ++i) {
    const Reals y = clamped(p.real(sums + i * sums_step) / divisor, least, most);
    const Sums whole = __builtin_convertvector(y + rounder - rounder, Sums) + r.zero_point;
    const Bytes bytes = __builtin_convertvector(whole, Bytes);
    __builtin_memcpy(out + i * kBlockLanes, &bytes, sizeof bytes);
  }
}

#endif

// All but the table.
inline void finish_block(const int32_t* sums, size_t sums_step, size_t count, const ByteResults& r,
                         std::byte* out) {
  for (size_t v = 0; v < kVectorsOfBlock; ++v) {
    const int32_t* of_vector = sums + v * kWidth;
    if (r.kind == ByteResults::kFloats)
      finish_floats(of_vector, sums_step, count, r, v, out + v * kWidth * 4);
    else if (r.bias != nullptr)
      finish_bytes<true>(of_vector, sums_step, count, r, v, out + v * kWidth);
    else
      finish_bytes<false>(of_vector, sums_step, count, r, v, out + v * kWidth);
  }
}

}  // namespace
}  // namespace rdu::cpu::RDU_CPU_ISA
