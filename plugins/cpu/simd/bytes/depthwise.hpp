// A line of a depthwise convolution of bytes, of one block of channels. With VNNI four neighbouring taps of a row are
// turned so that those of a channel meet, and serve two results where they lie side by side; elsewhere it is a tap at a time.
#pragma once

#include "plugins/cpu/simd/bytes/products.hpp"
#include "plugins/cpu/simd/bytes/quantise.hpp"
#include "plugins/cpu/simd/bytes/stage.hpp"
#include "plugins/cpu/simd/bytes/sums.hpp"
#include "plugins/cpu/simd/kernels.hpp"

namespace rdu::cpu::RDU_CPU_ISA {
namespace {

constexpr size_t kRun = 8;  // results in registers

#if defined(__AVX512VNNI__)

constexpr size_t kTapQuad = 4;

// [channel][point] of four points.
RDU_INLINE __m512i turned(__m512i points) {
  const __m512i lanes = _mm512_setr_epi32(0, 4, 8, 12, 1, 5, 9, 13, 2, 6, 10, 14, 3, 7, 11, 15);
  const __m512i bytes = _mm512_maskz_broadcast_i32x4(
      kAll, _mm_setr_epi8(0, 4, 8, 12, 1, 5, 9, 13, 2, 6, 10, 14, 3, 7, 11, 15));
  return _mm512_shuffle_epi8(_mm512_maskz_permutexvar_epi32(kAll, lanes, points), bytes);
}

RDU_INLINE __m512i four_points(const std::byte* p, int64_t step) {
  if (step == 16) return _mm512_loadu_si512(p);
  const auto at = [&](int64_t i) {
    return _mm_loadu_si128(reinterpret_cast<const __m128i*>(p + i * step));
  };
  __m512i points = _mm512_castsi128_si512(at(0));
  points = _mm512_maskz_inserti32x4(kAll, points, at(1), 1);
  points = _mm512_maskz_inserti32x4(kAll, points, at(2), 2);
  return _mm512_maskz_inserti32x4(kAll, points, at(3), 3);
}

// Stride 1 and at most three taps: those of result x + 1 are the last three of the four that begin at x.
template <size_t Pairs>
void sum_pairs(const ByteDepthwiseLine& line, size_t first, int32_t* sums) {
  __m512i acc[2 * Pairs];
  for (__m512i& a : acc) a = _mm512_setzero_si512();
  for (size_t k = 0; k < line.num_rows; ++k) {
    const std::byte* p = line.source + line.rows[k] + first * 16;
    const __m512i weights = _mm512_loadu_si512(line.weights + k * 64);
    const __m512i next = _mm512_maskz_slli_epi32(kAll, weights, 8);
    for (size_t i = 0; i < Pairs; ++i) {
      const __m512i points = turned(_mm512_loadu_si512(p + i * 32));
      acc[2 * i] = _mm512_dpbusd_epi32(acc[2 * i], points, weights);
      acc[2 * i + 1] = _mm512_dpbusd_epi32(acc[2 * i + 1], points, next);
    }
  }
  for (size_t i = 0; i < 2 * Pairs; ++i) _mm512_store_si512(sums + i * 16, acc[i]);
}

template <size_t Count>
void sum_results(const ByteDepthwiseLine& line, size_t first, int32_t* sums) {
  const size_t quads = (line.taps + kTapQuad - 1) / kTapQuad;
  const int64_t step = line.stride * 16, tap = line.dilation * 16;
  __m512i acc[Count];
  for (__m512i& a : acc) a = _mm512_setzero_si512();
  const std::byte* weights = line.weights;
  for (size_t k = 0; k < line.num_rows; ++k) {
    const std::byte* p = line.source + line.rows[k] + static_cast<int64_t>(first) * step;
    for (size_t q = 0; q < quads; ++q, p += 4 * tap, weights += 64) {
      const __m512i w = _mm512_loadu_si512(weights);
      for (size_t i = 0; i < Count; ++i) {
        const __m512i points = turned(four_points(p + static_cast<int64_t>(i) * step, tap));
        acc[i] = _mm512_dpbusd_epi32(acc[i], points, w);
      }
    }
  }
  for (size_t i = 0; i < Count; ++i) _mm512_store_si512(sums + i * 16, acc[i]);
}

RDU_INLINE size_t sum_run(const ByteDepthwiseLine& line, size_t first, size_t left, int32_t* sums) {
  if (line.stride == 1 && line.dilation == 1 && line.taps <= 3) {
    if (left >= kRun) return sum_pairs<kRun / 2>(line, first, sums), kRun;
    if (left > 4) return sum_pairs<kRun / 2>(line, first, sums), left;
    if (left > 2) return sum_pairs<2>(line, first, sums), left;
    return sum_pairs<1>(line, first, sums), left;
  }
  if (left >= kRun) return sum_results<kRun>(line, first, sums), kRun;
  if (left >= 4) return sum_results<4>(line, first, sums), size_t{4};
  if (left >= 2) return sum_results<2>(line, first, sums), size_t{2};
  return sum_results<1>(line, first, sums), size_t{1};
}

#else

constexpr size_t kTapQuad = 1;

RDU_INLINE size_t sum_run(const ByteDepthwiseLine& line, size_t first, size_t left, int32_t* sums) {
  const size_t count = left < kRun ? left : kRun;
  const int64_t step = line.stride * 16, tap = line.dilation * 16;
  for (size_t i = 0; i < count; ++i) {
    const auto at = static_cast<int64_t>(first + i) * step;
    int32_t acc[kBlockLanes] = {};
    const auto* weights = reinterpret_cast<const int16_t*>(line.weights);
    for (size_t k = 0; k < line.num_rows; ++k) {
      const auto* p = reinterpret_cast<const int16_t*>(line.source + line.rows[k]) + at;
      for (size_t t = 0; t < line.taps; ++t, p += tap, weights += kBlockLanes) {
        for (size_t l = 0; l < kBlockLanes; ++l) acc[l] += int32_t{p[l]} * int32_t{weights[l]};
      }
    }
    __builtin_memcpy(sums + i * kBlockLanes, acc, sizeof acc);
  }
  return count;
}

#endif

// Some runs are finished at once.
void depthwise_bytes(const ByteDepthwiseLine& line) {
  constexpr size_t kAtOnce = 4 * kRun;
  alignas(64) int32_t sums[kAtOnce * kBlockLanes];
  const size_t point = bytes_of_point(line.results);
  for (size_t x = 0; x < line.count; x += kAtOnce) {
    const size_t count = line.count - x < kAtOnce ? line.count - x : kAtOnce;
    for (size_t i = 0; i < count;) i += sum_run(line, x + i, count - i, sums + i * kBlockLanes);
    finish_block(sums, kBlockLanes, count, line.results, line.out + x * point);
  }
  if (line.results.table != nullptr) {
    look_up(line.out, line.out, line.results.table, line.count * kBlockLanes);
  }
}

constexpr ByteKernels byte_kernels() {
  ByteKernels k{};
  k.word = sizeof(Word);
  k.quad = kGroup;
  k.tap_quad = kTapQuad;
  k.blocks = kMostBlocks;
  k.moves_signed = kGroup == 4;
  k.least_tap = kGroup == 4 ? -128 : -32768;
  k.most_tap = kGroup == 4 ? 127 : 32767;
  k.line = convolve_bytes<>;
  k.depthwise_line = depthwise_bytes;
  k.quantise[0] = quantise<uint8_t>;
  k.quantise[1] = quantise<int8_t>;
  k.words[0] = words_of_bytes<uint8_t>;
  k.words[1] = words_of_bytes<int8_t>;
  k.stage[0] = stage_lines<uint8_t>;
  k.stage[1] = stage_lines<int8_t>;
  k.look_up = look_up;
  k.sum_points[0] = sum_points<uint8_t>;
  k.sum_points[1] = sum_points<int8_t>;
  return k;
}

}  // namespace
}  // namespace rdu::cpu::RDU_CPU_ISA
