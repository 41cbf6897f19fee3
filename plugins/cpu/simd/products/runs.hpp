// Panels put together from runs of elements: a list made at load says from where.
#pragma once

#include "plugins/cpu/simd/floats16.hpp"

namespace rdu::cpu::RDU_CPU_ISA {
namespace {

void copy_runs(float* to, const float* from, const CopyRun* runs, size_t num_runs, float fill) {
  const Floats outside = all_floats(fill);
  for (size_t r = 0; r < num_runs; ++r) {
    float* t = to + runs[r].to;
    const size_t n = runs[r].count;
    if (n == 1) {
      *t = runs[r].from < 0 ? fill : from[runs[r].from];
      continue;
    }
    if (runs[r].from < 0) {
      size_t i = 0;
      for (; i + 16 <= n; i += 16) store_floats(t + i, outside);
      if (i < n) store_floats(t + i, outside, n - i);
      continue;
    }
    const float* f = from + runs[r].from;
    size_t i = 0;
    for (; i + 16 <= n; i += 16) store_floats(t + i, load_floats(f + i));
    if (i < n) store_floats(t + i, load_floats(f + i, n - i, outside), n - i);
  }
}

}  // namespace
}  // namespace rdu::cpu::RDU_CPU_ISA
