// Rows of sums to rows of results, and windows over rows of 16-bit floats.
#pragma once

#include "plugins/cpu/simd/floats16.hpp"
#include "plugins/cpu/simd/half.hpp"
#include "plugins/cpu/simd/kernels.hpp"

namespace rdu::cpu::RDU_CPU_ISA {
namespace {

template <class T>
inline float widened(T x) {
  if constexpr (sizeof(T) == 2)
    return float_of_bf16(x);
  else
    return x;
}
template <class T>
inline T stored(float x) {
  if constexpr (sizeof(T) == 2)
    return bf16_of_float(x);
  else
    return x;
}

template <class Start, class To>
void finish_row(const SumRows& r, size_t row) {
  const auto at = static_cast<int64_t>(row);
  const float* sums = r.sums + at * r.sums_step;
  const Start* start =
      static_cast<const Start*>(r.start) + (r.start == nullptr ? 0 : at * r.start_step);
  To* to = static_cast<To*>(r.to) + at * r.to_step;
  const float low = r.clamp ? r.low : -__builtin_inff(), high = r.clamp ? r.high : __builtin_inff();
  const auto clamped = [&](float x) {
    x = x < low ? low : x;
    return x > high ? high : x;
  };
  if (r.start != nullptr && r.bias != nullptr) {
    RDU_VECTORIZE
    for (size_t c = 0; c < r.columns; ++c) {
      to[c] = stored<To>(clamped((sums[c] + r.bias[c]) + widened(start[c])));
    }
  } else if (r.start != nullptr) {
    RDU_VECTORIZE
    for (size_t c = 0; c < r.columns; ++c) {
      to[c] = stored<To>(clamped(sums[c] + widened(start[c])));
    }
  } else if (r.bias != nullptr) {
    RDU_VECTORIZE
    for (size_t c = 0; c < r.columns; ++c) to[c] = stored<To>(clamped(sums[c] + r.bias[c]));
  } else {
    RDU_VECTORIZE
    for (size_t c = 0; c < r.columns; ++c) to[c] = stored<To>(clamped(sums[c]));
  }
}

void finish_sum_rows(const SumRows& r) {
  const auto run = [&](auto fn) {
    for (size_t row = 0; row < r.rows; ++row) fn(r, row);
  };
  if (r.narrow_start) {
    run(r.narrow_to ? finish_row<uint16_t, uint16_t> : finish_row<uint16_t, float>);
  } else {
    run(r.narrow_to ? finish_row<float, uint16_t> : finish_row<float, float>);
  }
}

void interleave_rows(uint16_t* to, const uint16_t* first, const uint16_t* second, size_t n) {
  RDU_VECTORIZE
  for (size_t i = 0; i < n; ++i) {
    const uint32_t pair = first[i] | static_cast<uint32_t>(second[i]) << 16;
    __builtin_memcpy(to + 2 * i, &pair, sizeof pair);
  }
}

template <class Meet>
inline __attribute__((always_inline)) void meet_taps(const TapRows& t, float identity, Meet meet) {
  RDU_VECTORIZE
  for (size_t c = 0; c < t.channels; ++c) t.sums[c] = identity;
  for (size_t tap = 0; tap < t.num_taps; ++tap) {
    const uint16_t* from = t.taps[tap];
    RDU_VECTORIZE
    for (size_t c = 0; c < t.channels; ++c) t.sums[c] = meet(t.sums[c], float_of_bf16(from[c]));
  }
}

// Not a number wins.
void max_of_taps(const TapRows& t) {
  meet_taps(t, -__builtin_inff(), [](float a, float b) { return (a > b) | (a != a) ? a : b; });
}
void sum_of_taps(const TapRows& t) {
  meet_taps(t, 0.0f, [](float a, float b) { return a + b; });
}

}  // namespace
}  // namespace rdu::cpu::RDU_CPU_ISA
