// Picks the kernels for the machine at hand.
#include <cstring>

#include "plugins/cpu/simd/kernels.hpp"

namespace rdu::cpu {
namespace {

bool runs_here(const Kernels& kernels) {
#if defined(__x86_64__)
  __builtin_cpu_init();
  if (&kernels == &kAvx512Kernels) {
    return __builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512bw") &&
           __builtin_cpu_supports("avx512dq") && __builtin_cpu_supports("avx512vl") &&
           __builtin_cpu_supports("fma");
  }
  if (&kernels == &kAvx2Kernels) {
    return __builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma");
  }
#endif
  return &kernels == &kBaselineKernels;
}

}  // namespace

const Kernels* select_kernels(const char* isa) {
  const Kernels* widest_first[] = {
#if defined(__x86_64__)
    &kAvx512Kernels,
    &kAvx2Kernels,
#endif
    &kBaselineKernels
  };
  for (const Kernels* kernels : widest_first) {
    if (isa != nullptr && std::strcmp(isa, kernels->isa) != 0) continue;
    if (runs_here(*kernels)) return kernels;
  }
  return nullptr;
}

const IntegerKernels& select_integers(const Kernels& kernels) {
#if defined(__x86_64__)
  if (&kernels == &kAvx512Kernels && __builtin_cpu_supports("avx512vnni")) return kVnniIntegers;
#endif
  return kernels.integers;
}

}  // namespace rdu::cpu
