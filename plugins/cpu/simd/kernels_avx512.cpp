// The block kernels, compiled for avx512.
#define RDU_CPU_ISA avx512
#include "plugins/cpu/simd/table.hpp"

namespace rdu::cpu {

constexpr Kernels kAvx512Table = avx512::make_kernels("avx512");
const Kernels kAvx512Kernels = kAvx512Table;
const Kernels kAvx512AmxKernels = [] {
  Kernels kernels = kAvx512Table;
  kernels.isa = "amx";
  return kernels;
}();

}  // namespace rdu::cpu
