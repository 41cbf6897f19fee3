// Rows of sums to rows of results, and windows over rows of 16-bit floats.
#pragma once

#include "plugins/cpu/simd/elements/half.hpp"
#include "plugins/cpu/simd/floats16.hpp"
#include "plugins/cpu/simd/kernels.hpp"
#include "plugins/cpu/simd/windows.hpp"

namespace rdu::cpu::RDU_CPU_ISA {
namespace {

#if defined(__AVX512F__)

RDU_INLINE Floats widened(__m256i x) {
  return _mm512_castsi512_ps(
      _mm512_maskz_slli_epi32(kAll, _mm512_maskz_cvtepu16_epi32(kAll, x), 16));
}
// vcvtneps2bf16 would lose subnormals.
RDU_INLINE __m256i narrowed(Floats x) {
  const __m512i u = _mm512_castps_si512(x);
  const __m512i high = _mm512_maskz_srli_epi32(kAll, u, 16);
  const __m512i odd = _mm512_and_si512(high, _mm512_set1_epi32(1));
  const __m512i up = _mm512_add_epi32(_mm512_add_epi32(u, _mm512_set1_epi32(0x7fff)), odd);
  const __m512i quiet = _mm512_or_si512(high, _mm512_set1_epi32(0x40));
  const __mmask16 nan = _mm512_cmp_ps_mask(x, x, _CMP_UNORD_Q);
  const __m512i rounded = _mm512_maskz_srli_epi32(kAll, up, 16);
  return _mm512_maskz_cvtepi32_epi16(kAll, _mm512_mask_mov_epi32(rounded, nan, quiet));
}
RDU_INLINE Floats load_floats(const uint16_t* p) {
  return widened(_mm256_loadu_si256(reinterpret_cast<const __m256i*>(p)));
}
RDU_INLINE Floats load_floats(const uint16_t* p, size_t n) {
  return widened(_mm256_maskz_loadu_epi16(first_lanes(n), p));
}
RDU_INLINE void store_floats(uint16_t* p, Floats x) {
  _mm256_storeu_si256(reinterpret_cast<__m256i*>(p), narrowed(x));
}
RDU_INLINE void store_floats(uint16_t* p, Floats x, size_t n) {
  _mm256_mask_storeu_epi16(p, first_lanes(n), narrowed(x));
}
// Not a number stays what it is.
RDU_INLINE Floats kept_within(Floats x, Floats low, Floats high) {
  return _mm512_maskz_min_ps(kAll, high, _mm512_maskz_max_ps(kAll, low, x));
}

#else

RDU_INLINE Floats load_floats(const uint16_t* p) {
  return by_lane([&](size_t l) { return float_of_bf16(p[l]); });
}
RDU_INLINE Floats load_floats(const uint16_t* p, size_t n) {
  Floats r = all_floats(0.0f);
  for (size_t l = 0; l < n; ++l) r.lane[l] = float_of_bf16(p[l]);
  return r;
}
RDU_INLINE void store_floats(uint16_t* p, const Floats& x) {
  RDU_VECTORIZE
  for (size_t l = 0; l < 16; ++l) p[l] = bf16_of_float(x.lane[l]);
}
RDU_INLINE void store_floats(uint16_t* p, const Floats& x, size_t n) {
  for (size_t l = 0; l < n; ++l) p[l] = bf16_of_float(x.lane[l]);
}
RDU_INLINE Floats kept_within(const Floats& x, const Floats& low, const Floats& high) {
  return by_lane([&](size_t l) {
    const float up = x.lane[l] < low.lane[l] ? low.lane[l] : x.lane[l];
    return up > high.lane[l] ? high.lane[l] : up;
  });
}

#endif

RDU_INLINE Floats load_floats(const float* p, size_t n) {
  return load_floats(p, n, all_floats(0.0f));
}

// The first `n` of 16 columns from `first` on, of all rows.
template <bool kWhole, class Start, class To>
RDU_INLINE void finish_columns(const SumRows& r, size_t first, size_t n) {
  const auto load = [n](const auto* from) {
    return kWhole ? load_floats(from) : load_floats(from, n);
  };
  const float* sums = r.sums + first;
  const Start* start = static_cast<const Start*>(r.start) + (r.start == nullptr ? 0 : first);
  To* to = static_cast<To*>(r.to) + first;
  const Floats bias = r.bias == nullptr ? all_floats(-0.0f) : load(r.bias + first);
  const Floats low = all_floats(r.clamp ? r.low : -__builtin_inff());
  const Floats high = all_floats(r.clamp ? r.high : __builtin_inff());
  for (size_t row = 0; row < r.rows; ++row, sums += r.sums_step, to += r.to_step) {
    Floats x = plus(load(sums), bias);
    if (r.start != nullptr) {
      x = plus(x, load(start));
      start += r.start_step;
    }
    x = kept_within(x, low, high);
    if constexpr (kWhole) {
      store_floats(to, x);
    } else {
      store_floats(to, x, n);
    }
  }
}

template <class Start, class To>
void finish_blocks(const SumRows& r) {
  size_t first = 0;
  for (; first + 16 <= r.columns; first += 16) finish_columns<true, Start, To>(r, first, 16);
  if (first < r.columns) finish_columns<false, Start, To>(r, first, r.columns - first);
}

void finish_sum_rows(const SumRows& r) {
  if (r.narrow_start) {
    (r.narrow_to ? finish_blocks<uint16_t, uint16_t> : finish_blocks<uint16_t, float>)(r);
  } else {
    (r.narrow_to ? finish_blocks<float, uint16_t> : finish_blocks<float, float>)(r);
  }
}

void interleave_rows(uint16_t* to, const uint16_t* first, const uint16_t* second, size_t n) {
  RDU_VECTORIZE
  for (size_t i = 0; i < n; ++i) {
    const uint32_t pair = first[i] | static_cast<uint32_t>(second[i]) << 16;
    __builtin_memcpy(to + 2 * i, &pair, sizeof pair);
  }
}

// kBlocks times 16 channels, or the first n of 16.
template <size_t kBlocks, bool kWhole, class F>
RDU_INLINE void meet_channels(const TapRows& t, float identity, size_t first, size_t n) {
  Floats sums[kBlocks];
  for (Floats& sum : sums) sum = all_floats(identity);
  for (size_t tap = 0; tap < t.num_taps; ++tap) {
    const uint16_t* from = t.taps[tap] + first;
#pragma GCC unroll 4
    for (size_t b = 0; b < kBlocks; ++b) {
      const Floats x = kWhole ? load_floats(from + b * 16) : load_floats(from, n);
      sums[b] = meet_floats<F>(sums[b], x);
    }
  }
  for (size_t b = 0; b < kBlocks; ++b) {
    if constexpr (kWhole) {
      store_floats(t.sums + first + b * 16, sums[b]);
    } else {
      store_floats(t.sums + first, sums[b], n);
    }
  }
}

template <class F>
void meet_taps(const TapRows& t, float identity) {
  size_t first = 0;
  for (; first + 64 <= t.channels; first += 64) meet_channels<4, true, F>(t, identity, first, 16);
  for (; first + 16 <= t.channels; first += 16) meet_channels<1, true, F>(t, identity, first, 16);
  if (first == t.channels) return;
  meet_channels<1, false, F>(t, identity, first, t.channels - first);
}

// Not a number wins.
void max_of_taps(const TapRows& t) { meet_taps<Max>(t, -__builtin_inff()); }
void sum_of_taps(const TapRows& t) { meet_taps<Add>(t, 0.0f); }

}  // namespace
}  // namespace rdu::cpu::RDU_CPU_ISA
