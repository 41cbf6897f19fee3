// The elements, compiled for avx2.
#define RDU_CPU_ISA avx2
#include "plugins/cpu/simd/elements/table.hpp"
#include "plugins/cpu/simd/kernels.hpp"

namespace rdu::cpu {

constexpr ElementKernels kAvx2Table = avx2::make_elements();
const ElementKernels kAvx2Elements = kAvx2Table;

}  // namespace rdu::cpu
