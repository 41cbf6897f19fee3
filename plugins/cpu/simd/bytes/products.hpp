// Convolutions of bytes in blocks of 16 channels: sums of a run of points stay in registers over all taps, and become
// results while they are in L1.
#pragma once

#include "plugins/cpu/simd/bytes/results.hpp"
#include "plugins/cpu/simd/kernels.hpp"

namespace rdu::cpu::RDU_CPU_ISA {
namespace {

// Points of a tile, by blocks of its panel: what the registers hold.
#if defined(__AVX512BW__)
constexpr size_t kPointsOf[] = {0, 12, 12, 8, 6};
#elif defined(__AVX2__)
constexpr size_t kPointsOf[] = {0, 4, 2};
#else
constexpr size_t kPointsOf[] = {0, 2};
#endif
constexpr size_t kMostBlocks = sizeof kPointsOf / sizeof kPointsOf[0] - 1;

// acc + the products of a point's quad with that of each channel.
RDU_INLINE Sums meet_quad(Sums acc, Sums weights, int32_t point) {
#if defined(__AVX512VNNI__)
  return (Sums)_mm512_dpbusd_epi32((__m512i)acc, _mm512_set1_epi32(point), (__m512i)weights);
#else
  return meet(acc, weights, point);
#endif
}

RDU_INLINE int32_t quad_at(const std::byte* p) {
  int32_t quad;
  __builtin_memcpy(&quad, p, sizeof quad);
  return quad;
}

// How far point r lies from the first of its six: what an address can add up by itself.
struct PointSteps {
  int64_t one, three, five;
  RDU_INLINE int64_t of(size_t r) const {
    switch (r) {
      case 0:
        return 0;
      case 1:
        return one;
      case 2:
        return 2 * one;
      case 3:
        return three;
      case 4:
        return 4 * one;
      default:
        return five;
    }
  }
};

template <size_t R, size_t B>
void sum_points(const ByteLine& line, size_t first, int32_t* sums) {
  constexpr size_t kVectors = B * kVectorsOfBlock;
  // Unrolled early, or the sums would be an array in memory.
  Sums acc[R][kVectors];
#pragma GCC unroll 16
  for (size_t r = 0; r < R; ++r) {
#pragma GCC unroll 16
    for (size_t v = 0; v < kVectors; ++v) acc[r][v] = Sums{};
  }
  const PointSteps steps{line.source_step, 3 * line.source_step, 5 * line.source_step};
  const std::byte* start = line.source + static_cast<int64_t>(first) * line.source_step;
  const auto* panel = reinterpret_cast<const int32_t*>(line.panel);
  for (size_t q = 0; q < line.quads; ++q, panel += kVectors * kWidth) {
    const std::byte* low = start + line.offsets[q];
    const std::byte* high = low + 6 * line.source_step;
    Sums weights[kVectors];
#pragma GCC unroll 16
    for (size_t v = 0; v < kVectors; ++v) weights[v] = load_sums(panel + v * kWidth);
#pragma GCC unroll 16
    for (size_t r = 0; r < R; ++r) {
      const int32_t quad = quad_at((r < 6 ? low : high) + steps.of(r % 6));
#pragma GCC unroll 16
      for (size_t v = 0; v < kVectors; ++v) acc[r][v] = meet_quad(acc[r][v], weights[v], quad);
    }
  }
#pragma GCC unroll 16
  for (size_t r = 0; r < R; ++r) {
#pragma GCC unroll 16
    for (size_t v = 0; v < kVectors; ++v) store_sums(sums + (r * kVectors + v) * kWidth, acc[r][v]);
  }
}

using SumPoints = void (*)(const ByteLine& line, size_t first, int32_t* sums);

// By the number of points, from 1 on.
template <size_t B>
struct Tiles {
  SumPoints of[kPointsOf[B]];
  template <size_t R = 1>
  static constexpr void fill(Tiles& tiles) {
    tiles.of[R - 1] = sum_points<R, B>;
    if constexpr (R < kPointsOf[B]) fill<R + 1>(tiles);
  }
};
template <size_t B>
constexpr Tiles<B> make_tiles() {
  Tiles<B> tiles{};
  Tiles<B>::fill(tiles);
  return tiles;
}

RDU_INLINE size_t bytes_of_point(const ByteResults& results) {
  return results.kind == ByteResults::kFloats ? kBlockLanes * 4 : kBlockLanes;
}

RDU_INLINE ByteResults results_of_block(ByteResults results, size_t block) {
  results.whole_bias += block * kBlockLanes;
  results.scale += block * kBlockLanes;
  results.bias += block * kBlockLanes;
  results.factor += block * kBlockLanes;
  results.offset += block * kBlockLanes;
  return results;
}

// What the table has, once all points of the line are there: the table is read into registers once.
inline void look_up_line(const ByteLine& line, size_t blocks) {
  if (line.results.table == nullptr) return;
  for (size_t b = 0; b < blocks; ++b) {
    std::byte* out = line.out + static_cast<int64_t>(b) * line.out_block;
    look_up(out, out, line.results.table, line.count * kBlockLanes);
  }
}

// Tiles as equal as they can be; several are finished at once, which starts with loading what all results are made with.
template <size_t B>
void convolve_line(const ByteLine& line) {
  static constexpr Tiles<B> kTiles = make_tiles<B>();
  constexpr size_t kLanes = B * kBlockLanes, kAtOnce = 4;
  alignas(64) int32_t sums[kAtOnce * kPointsOf[B] * kLanes];
  const size_t tiles = (line.count + kPointsOf[B] - 1) / kPointsOf[B];
  const size_t point = bytes_of_point(line.results);
  for (size_t t = 0; t < tiles; t += kAtOnce) {
    const size_t first = line.count * t / tiles;
    size_t end = first;
    for (size_t i = t; i < t + kAtOnce && i < tiles; ++i) {
      const size_t from = end;
      end = line.count * (i + 1) / tiles;
      kTiles.of[end - from - 1](line, from, sums + (from - first) * kLanes);
    }
    for (size_t b = 0; b < B; ++b) {
      finish_block(sums + b * kBlockLanes, kLanes, end - first, results_of_block(line.results, b),
                   line.out + static_cast<int64_t>(b) * line.out_block + first * point);
    }
  }
  look_up_line(line, B);
}

template <size_t B = 1>
void convolve_bytes(const ByteLine& line) {
  if constexpr (B < kMostBlocks) {
    if (line.blocks != B) return convolve_bytes<B + 1>(line);
  }
  convolve_line<B>(line);
}

// Words of bytes: signed ones are moved by 128 where words are unsigned bytes.
template <class Byte>
void words_of_bytes(void* to, const void* bytes, size_t n) {
  const auto* from = static_cast<const Byte*>(bytes);
  if constexpr (kGroup == 4) {
    auto* words = static_cast<uint8_t*>(to);
    constexpr uint8_t kMove = Byte(-1) < Byte(0) ? 0x80 : 0;
    RDU_VECTORIZE
    for (size_t i = 0; i < n; ++i) words[i] = static_cast<uint8_t>(from[i]) ^ kMove;
  } else {
    auto* words = static_cast<int16_t*>(to);
    RDU_VECTORIZE
    for (size_t i = 0; i < n; ++i) words[i] = from[i];
  }
}

}  // namespace
}  // namespace rdu::cpu::RDU_CPU_ISA
