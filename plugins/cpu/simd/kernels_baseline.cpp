// The block kernels, compiled for baseline.
#define RDU_CPU_ISA baseline
#include "plugins/cpu/simd/table.hpp"

namespace rdu::cpu {

constexpr Kernels kBaselineTable = baseline::make_kernels("baseline");
const Kernels kBaselineKernels = kBaselineTable;

}  // namespace rdu::cpu
