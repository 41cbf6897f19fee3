// From sums of one block of channels to results: each step rounds as the vector program that it stands for does.
#pragma once

#include "plugins/cpu/simd/bytes/fixed_point.hpp"
#include "plugins/cpu/simd/bytes/table.hpp"
#include "plugins/cpu/simd/kernels.hpp"

namespace rdu::cpu::RDU_CPU_ISA {
namespace {

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

#if !defined(__AVX512F__)

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
    else
      finish_bytes(of_vector, sums_step, count, r, v, out + v * kWidth);
  }
}

}  // namespace
}  // namespace rdu::cpu::RDU_CPU_ISA
