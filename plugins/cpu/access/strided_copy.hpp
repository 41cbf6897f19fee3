// Copies of boxes between two strided places.
#pragma once

#include "plugins/cpu/access/access.hpp"
#include "plugins/cpu/simd/kernels.hpp"

namespace rdu::cpu {

// Strides count elements of 1 << log2_bytes bytes; a source stride may be 0 or negative.
struct StridedCopy {
  std::uint32_t num_loops = 0;
  LoopArray count{};
  LoopArray dst_stride{};
  LoopArray src_stride{};
};

// A copy made ready: which loops are walked how is decided.
struct PreparedCopy {
  StridedCopy copy;
  std::uint32_t transposed =
      kMaxLoops;  // the loop along which the source is dense, where the last one jumps
  bool empty = false;
};
PreparedCopy prepare_copy(const StridedCopy& copy);
void run_copy(const Kernels& kernels, std::uint32_t log2_bytes, const PreparedCopy& copy, void* dst,
              const void* src);

void strided_copy(const Kernels& kernels, std::uint32_t log2_bytes, const StridedCopy& copy,
                  void* dst, const void* src);

}  // namespace rdu::cpu
