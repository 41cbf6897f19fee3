// Sums of the points of a block of channels, in 16 bits as long as these hold them.
#pragma once

#include "plugins/cpu/simd/kernels.hpp"
#include "plugins/cpu/simd/loop.hpp"

namespace rdu::cpu::RDU_CPU_ISA {
namespace {

// sums[channel] = the sum of bytes[point][channel] - zero, in arithmetic that wraps.
template <class Byte>
void sum_points(int32_t* sums, const void* bytes, size_t points, int32_t zero) {
  constexpr size_t kLanes = 16, kMostPoints = 256;
  typedef Byte Point __attribute__((vector_size(kLanes)));
  typedef int16_t Narrow __attribute__((vector_size(kLanes * 2)));
  typedef uint16_t Whole __attribute__((vector_size(kLanes * 2)));
  const auto* from = static_cast<const Byte*>(bytes);
  uint32_t total[kLanes];
  for (uint32_t& t : total) t = -static_cast<uint32_t>(points) * static_cast<uint32_t>(zero);
  while (points != 0) {
    const size_t some = points < kMostPoints ? points : kMostPoints;
    Whole sum[2] = {};  // of points in turn
    for (size_t p = 0; p < some; ++p, from += kLanes) {
      Point point;
      __builtin_memcpy(&point, from, sizeof point);
      sum[p & 1] += (Whole) __builtin_convertvector(point, Narrow);
    }
    for (const Whole& whole : sum) {
      for (size_t l = 0; l < kLanes; ++l) {
        total[l] += Byte(-1) < Byte(0) ? static_cast<uint32_t>(static_cast<int16_t>(whole[l]))
                                       : uint32_t{whole[l]};
      }
    }
    points -= some;
  }
  __builtin_memcpy(sums, total, sizeof total);
}

}  // namespace
}  // namespace rdu::cpu::RDU_CPU_ISA
