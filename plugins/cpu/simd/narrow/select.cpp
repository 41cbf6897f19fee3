// Picks the kernels for 16-bit floats: tiles, or dot products where they run at the rate of floats.
#include <cstdlib>
#include <cstring>

#include "plugins/cpu/simd/kernels.hpp"

#if defined(__x86_64__)
#include <cpuid.h>
#include <sys/syscall.h>
#include <unistd.h>
#endif

namespace rdu::cpu {

#if defined(__x86_64__)
namespace {

constexpr int kRequestState = 0x1023;  // ARCH_REQ_XCOMP_PERM
constexpr int kTileData = 18;          // of the extended state

bool processor_has_tiles() {
  unsigned a = 0, b = 0, c = 0, d = 0;
  if (__get_cpuid_count(7, 0, &a, &b, &c, &d) == 0) return false;
  constexpr unsigned kBf16 = 1u << 22, kTile = 1u << 24, kInt8 = 1u << 25;
  return (d & (kBf16 | kTile | kInt8)) == (kBf16 | kTile | kInt8);
}

bool ask_for_tiles() {
  if (processor_has_tiles() && syscall(SYS_arch_prctl, kRequestState, kTileData) == 0) return true;
  // A test that emulates the instructions says so here (tests/support/amx_emulator.hpp).
  const char* emulated = std::getenv("RDU_CPU_EMULATED");
  return emulated != nullptr && std::strcmp(emulated, "amx") == 0;
}

// Intel's dot products of 16-bit floats run at half the rate of floats; AMD's at twice.
bool dot_products_pay() {
  __builtin_cpu_init();
  return __builtin_cpu_supports("avx512bf16") && __builtin_cpu_is("amd");
}

}  // namespace

bool amx_runs_here() {
  static const bool runs = ask_for_tiles();
  return runs;
}

const NarrowKernels* select_narrow(const Kernels& kernels) {
  if (std::strcmp(kernels.isa, "amx") == 0) return &kAmxKernels;
  if (std::strcmp(kernels.isa, "avx512") == 0 && dot_products_pay()) return &kDotProductKernels;
  return nullptr;
}
#else
const NarrowKernels* select_narrow(const Kernels&) { return nullptr; }
#endif

}  // namespace rdu::cpu
