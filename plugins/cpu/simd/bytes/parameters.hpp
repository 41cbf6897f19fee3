// What the results of one vector of channels are made with.
#pragma once

#include "plugins/cpu/simd/bytes/kernels.hpp"
#include "plugins/cpu/simd/bytes/words.hpp"
#include "plugins/cpu/simd/floats16.hpp"

namespace rdu::cpu::RDU_CPU_ISA {
namespace {

typedef float Reals __attribute__((vector_size(kWidth * 4)));
typedef uint32_t Wrapping __attribute__((vector_size(kWidth * 4)));
typedef int8_t Bytes __attribute__((vector_size(kWidth)));
constexpr size_t kBlockLanes = 16;
constexpr size_t kVectorsOfBlock = kBlockLanes / kWidth;

RDU_INLINE Reals all_lanes(float x) { return Reals{} + x; }

struct VectorOfResults {
  Wrapping whole_bias;
  Reals scale, bias;

  VectorOfResults(const ByteResults& r, size_t v) {
    __builtin_memcpy(&whole_bias, r.whole_bias + v * kWidth, sizeof whole_bias);
    __builtin_memcpy(&scale, r.scale + v * kWidth, sizeof scale);
    __builtin_memcpy(&bias, r.bias + v * kWidth, sizeof bias);
  }

  RDU_INLINE Reals whole(const int32_t* sums) const {
    return __builtin_convertvector((Sums)((Wrapping)load_sums(sums) + whole_bias), Reals);
  }
  RDU_INLINE Reals real(const int32_t* sums) const { return whole(sums) * scale + bias; }
};

}  // namespace
}  // namespace rdu::cpu::RDU_CPU_ISA
