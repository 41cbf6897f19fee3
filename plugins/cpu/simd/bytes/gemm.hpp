// Products of 8-bit integers, exact on every instruction set: sums in I32 that nothing saturates on the way.
//
// A panel has one word of 32 bits per lane and group of reduction steps. Bytes of the other signedness are moved by 128
// when they are packed; the caller takes that into account as part of the zero point.
#pragma once

#include "plugins/cpu/simd/bytes/depthwise.hpp"
#include "plugins/cpu/simd/bytes/words.hpp"
#include "plugins/cpu/simd/kernels.hpp"

namespace rdu::cpu::RDU_CPU_ISA {
namespace {

// Rows [0, R) times V vectors of lanes.
template <size_t R, size_t V>
inline __attribute__((always_inline)) void multiply_tile(const IntegerTile& t, size_t lane,
                                                         size_t row) {
  Sums acc[R][V];
  const auto* lanes = static_cast<const int32_t*>(t.lanes) + lane;
  const auto* shared = static_cast<const int32_t*>(t.rows) + row * t.groups;
  for (size_t r = 0; r < R; ++r) {
    for (size_t v = 0; v < V; ++v) acc[r][v] = Sums{} + t.row_start[row + r];
  }
  for (size_t g = 0; g < t.groups; ++g) {
    Sums column[V];
    for (size_t v = 0; v < V; ++v) column[v] = load_sums(lanes + g * t.panel_lanes + v * kWidth);
    for (size_t r = 0; r < R; ++r) {
      const int32_t word = shared[r * t.groups + g];
      for (size_t v = 0; v < V; ++v) acc[r][v] = meet(acc[r][v], column[v], word);
    }
  }
  for (size_t r = 0; r < R; ++r) {
    int32_t* to = t.sums + (row + r) * t.num_lanes + lane;
    for (size_t v = 0; v < V; ++v) {
      const size_t left = t.num_lanes - lane - v * kWidth;
      if (left >= kWidth) {
        store_sums(to + v * kWidth, acc[r][v]);
        continue;
      }
      int32_t last[kWidth];
      store_sums(last, acc[r][v]);
      __builtin_memcpy(to + v * kWidth, last, left * 4);
    }
  }
}

template <size_t V>
inline void multiply_rows(const IntegerTile& t, size_t lane) {
  size_t row = 0;
  for (; row + 4 <= t.num_rows; row += 4) multiply_tile<4, V>(t, lane, row);
  for (; row < t.num_rows; ++row) multiply_tile<1, V>(t, lane, row);
}

void multiply_integers(const IntegerTile& t) {
  size_t lane = 0;
  for (; lane + 3 * kWidth < t.num_lanes; lane += 4 * kWidth) multiply_rows<4>(t, lane);
  for (; lane + kWidth < t.num_lanes; lane += 2 * kWidth) multiply_rows<2>(t, lane);
  for (; lane < t.num_lanes; lane += kWidth) multiply_rows<1>(t, lane);
}

template <class Byte>
inline Word word_of_lane(Byte x) {
  if constexpr (kGroup == 4)
    return static_cast<Word>(static_cast<uint8_t>(x) ^ (Byte(-1) < Byte(0) ? 0x80 : 0));
  else
    return static_cast<Word>(x);
}
template <class Byte>
inline Word word_of_row(Byte x) {
  if constexpr (kGroup == 4)
    return static_cast<Word>(static_cast<uint8_t>(x) ^ (Byte(-1) < Byte(0) ? 0 : 0x80));
  else
    return static_cast<Word>(x);
}

// panel[group][lane] from bytes[step][lane]; what is missing of the last group is 0.
template <class Byte>
void pack_lanes(void* panel, size_t panel_lanes, const void* bytes, size_t num_lanes,
                size_t steps) {
  const auto* from = static_cast<const Byte*>(bytes);
  auto* to = static_cast<Word*>(panel);
  for (size_t k = 0; k < steps; k += kGroup, to += panel_lanes * kGroup) {
    const Byte* row = from + k * num_lanes;
    if (k + kGroup <= steps) {
      RDU_VECTORIZE
      for (size_t l = 0; l < num_lanes; ++l) {
        for (size_t i = 0; i < kGroup; ++i)
          to[l * kGroup + i] = word_of_lane(row[i * num_lanes + l]);
      }
      continue;
    }
    for (size_t l = 0; l < num_lanes; ++l) {
      for (size_t i = 0; i < kGroup; ++i) {
        to[l * kGroup + i] = k + i < steps ? word_of_lane(row[i * num_lanes + l]) : Word(0);
      }
    }
  }
}

// rows[row][group] from bytes[row][step], and the sum of each row's words.
template <class Byte>
void pack_rows(void* rows, int32_t* sums, const void* bytes, size_t num_rows, size_t steps) {
  const auto* from = static_cast<const Byte*>(bytes);
  auto* to = static_cast<Word*>(rows);
  const size_t padded = (steps + kGroup - 1) / kGroup * kGroup;
  for (size_t r = 0; r < num_rows; ++r, from += steps, to += padded) {
    int32_t sum = 0;
    for (size_t k = 0; k < steps; ++k) {
      const Word word = word_of_row(from[k]);
      to[k] = word;
      sum += word;
    }
    for (size_t k = steps; k < padded; ++k) to[k] = 0;
    sums[r] = sum;
  }
}

// sums[lane] of the words that pack_lanes made of bytes[step][lane].
template <class Byte>
void sum_lanes_of(int32_t* sums, const void* bytes, size_t num_lanes, size_t steps) {
  const auto* from = static_cast<const Byte*>(bytes);
  for (size_t l = 0; l < num_lanes; ++l) sums[l] = 0;
  for (size_t k = 0; k < steps; ++k, from += num_lanes) {
    RDU_VECTORIZE
    for (size_t l = 0; l < num_lanes; ++l) {
      const Word word = word_of_lane(from[l]);
      sums[l] += kGroup == 4 ? static_cast<uint8_t>(word) : word;
    }
  }
}

void subtract_product(int32_t* sums, const int32_t* lanes, int32_t factor, size_t n) {
  auto* to = reinterpret_cast<uint32_t*>(sums);
  const auto* from = reinterpret_cast<const uint32_t*>(lanes);
  RDU_VECTORIZE
  for (size_t l = 0; l < n; ++l) to[l] -= from[l] * static_cast<uint32_t>(factor);
}

constexpr IntegerKernels integer_kernels() {
  IntegerKernels k{};
  k.group = kGroup;
  k.word_bytes = sizeof(Word);
  k.width = kWidth;
  k.signed_lane_shift = k.unsigned_row_shift = kGroup == 4 ? 128 : 0;
  k.multiply = multiply_integers;
  k.pack_lanes[0] = pack_lanes<uint8_t>;
  k.pack_lanes[1] = pack_lanes<int8_t>;
  k.pack_rows[0] = pack_rows<uint8_t>;
  k.pack_rows[1] = pack_rows<int8_t>;
  k.sum_lanes[0] = sum_lanes_of<uint8_t>;
  k.sum_lanes[1] = sum_lanes_of<int8_t>;
  k.subtract_product = subtract_product;
  k.bytes = byte_kernels();
  return k;
}

}  // namespace
}  // namespace rdu::cpu::RDU_CPU_ISA
