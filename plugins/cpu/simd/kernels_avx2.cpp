// The block kernels, compiled for avx2.
#define RDU_CPU_ISA avx2
#include "plugins/cpu/simd/table.hpp"

namespace rdu::cpu {

constexpr Kernels kAvx2Table = avx2::make_kernels("avx2");
const Kernels kAvx2Kernels = kAvx2Table;

}  // namespace rdu::cpu
