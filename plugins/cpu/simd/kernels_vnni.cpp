// The products of bytes, compiled for avx512 with VNNI.
#define RDU_CPU_ISA avx512vnni
#include "plugins/cpu/simd/bytes/gemm.hpp"

namespace rdu::cpu {

constexpr IntegerKernels kVnniTable = avx512vnni::integer_kernels();
const IntegerKernels kVnniIntegers = kVnniTable;

}  // namespace rdu::cpu
