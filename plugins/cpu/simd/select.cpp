// Picks the kernels for the machine at hand.
#include <cstring>

#include "plugins/cpu/simd/kernels.hpp"

namespace rdu::cpu {
namespace {

bool is(const Kernels& kernels, const char* isa) { return std::strcmp(kernels.isa, isa) == 0; }

bool runs_here(const Kernels& kernels) {
#if defined(__x86_64__)
  __builtin_cpu_init();
  if (is(kernels, "amx") && !amx_runs_here()) return false;
  if (is(kernels, "avx512") || is(kernels, "amx")) {
    return __builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512bw") &&
           __builtin_cpu_supports("avx512dq") && __builtin_cpu_supports("avx512vl") &&
           __builtin_cpu_supports("fma");
  }
  if (is(kernels, "avx2")) return __builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma");
#endif
  return is(kernels, "baseline");
}

Kernels join(const Kernels& others, const ElementKernels& elements) {
  Kernels all = others;
  static_cast<ElementKernels&>(all) = elements;
  return all;
}

}  // namespace

const Kernels* select_kernels(const char* isa) {
  static const Kernels widest_first[] = {
#if defined(__x86_64__)
    join(kAvx512AmxKernels, kAvx512Elements),
    join(kAvx512Kernels, kAvx512Elements),
    join(kAvx2Kernels, kAvx2Elements),
#endif
    join(kBaselineKernels, kBaselineElements)
  };
  for (const Kernels& kernels : widest_first) {
    if (isa != nullptr && !is(kernels, isa)) continue;
    if (runs_here(kernels)) return &kernels;
  }
  return nullptr;
}

const IntegerKernels& select_integers(const Kernels& kernels) {
#if defined(__x86_64__)
  const bool wide = is(kernels, "avx512") || is(kernels, "amx");
  if (wide && __builtin_cpu_supports("avx512vnni")) {
    return is(kernels, "amx") ? kAmxIntegers : kVnniIntegers;
  }
#endif
  return kernels.integers;
}

}  // namespace rdu::cpu
