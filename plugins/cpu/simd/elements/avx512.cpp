// The elements, compiled for avx512.
#define RDU_CPU_ISA avx512
#include "plugins/cpu/simd/elements/table.hpp"
#include "plugins/cpu/simd/kernels.hpp"

namespace rdu::cpu {

constexpr ElementKernels kAvx512Table = avx512::make_elements();
const ElementKernels kAvx512Elements = kAvx512Table;

}  // namespace rdu::cpu
