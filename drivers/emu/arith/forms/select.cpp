// Picks the forms for the machine at hand.
#include <cstring>

#include "drivers/emu/arith/forms.hpp"

namespace rdu_hw::arith {

extern const Forms kBaselineForms;
#if defined(__x86_64__)
extern const Forms kAvx2Forms;
extern const Forms kAvx512Forms;
#endif

namespace {

bool runs_here(const Forms& forms) {
#if defined(__x86_64__)
  __builtin_cpu_init();
  if (&forms == &kAvx512Forms) {
    return __builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512bw") &&
           __builtin_cpu_supports("avx512dq") && __builtin_cpu_supports("avx512vl") &&
           __builtin_cpu_supports("fma");
  }
  if (&forms == &kAvx2Forms) {
    return __builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma");
  }
#endif
  return &forms == &kBaselineForms || &forms == &kScalarForms;
}

constexpr const Forms* kWidestFirst[] = {
#if defined(__x86_64__)
    &kAvx512Forms,
    &kAvx2Forms,
#endif
    &kBaselineForms,
    &kScalarForms,
};

}  // namespace

const Forms* find_forms(const char* isa) {
  for (const Forms* candidate : kWidestFirst) {
    if (std::strcmp(isa, candidate->isa) == 0 && runs_here(*candidate)) return candidate;
  }
  return nullptr;
}

const Forms& forms() {
  for (const Forms* candidate : kWidestFirst) {
    if (runs_here(*candidate)) return *candidate;
  }
  return kScalarForms;
}

}  // namespace rdu_hw::arith
