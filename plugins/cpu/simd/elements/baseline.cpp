// The elements, compiled for baseline.
#define RDU_CPU_ISA baseline
#include "plugins/cpu/simd/elements/table.hpp"
#include "plugins/cpu/simd/kernels.hpp"

namespace rdu::cpu {

constexpr ElementKernels kBaselineTable = baseline::make_elements();
const ElementKernels kBaselineElements = kBaselineTable;

}  // namespace rdu::cpu
