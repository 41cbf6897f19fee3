// Sums to bytes, four points of a block at a time, in numbers of 16 bits before and 16 after the point. Those can be wrong near
// the middle between two integers only; where one of the four is that near, all four are divided as the graph says.
#pragma once

#include "plugins/cpu/simd/bytes/parameters.hpp"

#if defined(__AVX512F__)

namespace rdu::cpu::RDU_CPU_ISA {
namespace {

// Numbers of four points to their bytes, by packing with saturation.
struct BytePacker {
  __m512i low, high;
  bool is_signed;

  explicit BytePacker(const ByteResults& r)
      : low(_mm512_set1_epi8(static_cast<char>(static_cast<int32_t>(r.least) + r.zero_point))),
        high(_mm512_set1_epi8(static_cast<char>(static_cast<int32_t>(r.most) + r.zero_point))),
        is_signed(r.kind == ByteResults::kSigned) {}

  template <size_t Rows>
  RDU_INLINE void store(const __m512i (&fixed)[4], std::byte* out) const {
    // [channel][point] of two points: the upper half of each.
    const auto halves = [](__m512i a, __m512i b) {
      constexpr int kFirstOrBoth = 0xf8;
      return _mm512_ternarylogic_epi32(_mm512_maskz_srli_epi32(kAll, a, 16), b,
                                       _mm512_set1_epi32(-65536), kFirstOrBoth);
    };
    const __m512i first = halves(fixed[0], fixed[1]), last = halves(fixed[2], fixed[3]);
    const __m512i bytes =
        is_signed ? _mm512_min_epi8(high, _mm512_max_epi8(low, _mm512_packs_epi16(first, last)))
                  : _mm512_min_epu8(high, _mm512_max_epu8(low, _mm512_packus_epi16(first, last)));
    // [channel / 4][point / 2][channel mod 4][point mod 2] to [point][channel].
    const __m512i of_four = _mm512_maskz_broadcast_i32x4(
        kAll, _mm_setr_epi8(0, 2, 4, 6, 1, 3, 5, 7, 8, 10, 12, 14, 9, 11, 13, 15));
    const __m512i points = _mm512_setr_epi32(0, 4, 8, 12, 1, 5, 9, 13, 2, 6, 10, 14, 3, 7, 11, 15);
    const __m512i sorted =
        _mm512_maskz_permutexvar_epi32(kAll, points, _mm512_shuffle_epi8(bytes, of_four));
    _mm512_mask_storeu_epi32(out, static_cast<__mmask16>((1u << (4 * Rows)) - 1), sorted);
  }
};

// As the graph says.
template <size_t Rows>
__attribute__((noinline)) void divide_rows(const int32_t* sums, size_t sums_step,
                                           const ByteResults& r, std::byte* out) {
  const VectorOfResults p(r, 0);
  const __m512 least = _mm512_set1_ps(r.least), most = _mm512_set1_ps(r.most);
  __m512i y[4] = {};
  for (size_t i = 0; i < Rows; ++i) {
    const __m512 quotient =
        _mm512_div_ps((__m512)p.real(sums + i * sums_step), _mm512_set1_ps(r.divisor));
    const __m512 bounded =
        _mm512_maskz_min_ps(kAll, most, _mm512_maskz_max_ps(kAll, least, quotient));
    const __m512i whole =
        _mm512_add_epi32(_mm512_maskz_cvtps_epi32(kAll, bounded), _mm512_set1_epi32(r.zero_point));
    y[i] = _mm512_maskz_slli_epi32(kAll, whole, 16);
  }
  BytePacker(r).store<Rows>(y, out);
}

template <ByteResults::Fixed kFixed>
class FixedPoint {
 public:
  explicit FixedPoint(const ByteResults& r)
      : results_(r),
        packer_(r),
        margin_(_mm512_set1_epi32(r.margin)),
        whole_bias_(_mm512_loadu_si512(r.whole_bias)),
        factor_(_mm512_loadu_ps(r.factor)),
        offset_(_mm512_loadu_ps(r.offset)) {}

  template <size_t Rows>
  RDU_INLINE void finish(const int32_t* sums, size_t sums_step, std::byte* out) const {
    if constexpr (kFixed == ByteResults::kDivided) {
      divide_rows<Rows>(sums, sums_step, results_, out);
    } else {
      __m512i y[4] = {}, nearest = _mm512_set1_epi32(-1);
#pragma GCC unroll 4
      for (size_t i = 0; i < Rows; ++i) {
        y[i] = fixed(_mm512_loadu_si512(sums + i * sums_step));
        nearest = _mm512_min_epu16(nearest, y[i]);
      }
      if (__builtin_expect(_mm512_cmplt_epu16_mask(nearest, margin_) != 0, 0)) {
        return divide_rows<Rows>(sums, sums_step, results_, out);
      }
      packer_.template store<Rows>(y, out);
    }
  }

 private:
  // Beyond 2^31 the conversion yields -2^31, which is right below, so that above is what must be bounded.
  RDU_INLINE __m512i fixed(__m512i sum) const {
    const __m512 whole = _mm512_maskz_cvtepi32_ps(kAll, _mm512_add_epi32(sum, whole_bias_));
    __m512 y = _mm512_fmadd_ps(whole, factor_, offset_);
    if constexpr (kFixed == ByteResults::kBounded) {
      y = _mm512_maskz_min_ps(kAll, y, _mm512_set1_ps(0x1.fffffep30f));
    }
    return _mm512_maskz_cvtps_epi32(kAll, y);
  }

  const ByteResults& results_;
  const BytePacker packer_;
  const __m512i margin_;  // of lower halves; upper ones are never below 0
  const __m512i whole_bias_;
  const __m512 factor_, offset_;
};

template <ByteResults::Fixed kFixed>
inline void finish_points(const int32_t* sums, size_t sums_step, size_t count, const ByteResults& r,
                          std::byte* out) {
  const FixedPoint<kFixed> by(r);
  for (; count >= 4; count -= 4, sums += 4 * sums_step, out += 4 * kBlockLanes) {
    by.template finish<4>(sums, sums_step, out);
  }
  if (count == 1) by.template finish<1>(sums, sums_step, out);
  if (count == 2) by.template finish<2>(sums, sums_step, out);
  if (count == 3) by.template finish<3>(sums, sums_step, out);
}

inline void finish_bytes(const int32_t* sums, size_t sums_step, size_t count, const ByteResults& r,
                         size_t, std::byte* out) {
  switch (r.fixed) {
    case ByteResults::kFits:
      return finish_points<ByteResults::kFits>(sums, sums_step, count, r, out);
    case ByteResults::kBounded:
      return finish_points<ByteResults::kBounded>(sums, sums_step, count, r, out);
    case ByteResults::kDivided:
      return finish_points<ByteResults::kDivided>(sums, sums_step, count, r, out);
  }
}

}  // namespace
}  // namespace rdu::cpu::RDU_CPU_ISA

#endif
