// Spans: a step on the track of the device, what workers do for it on tracks of their own.
#include <time.h>

#include <cstdio>

#include "plugins/cpu/plan/storage.hpp"

namespace rdu::cpu {

std::uint64_t StepTrace::now_ns() {
  timespec now{};
  clock_gettime(CLOCK_MONOTONIC, &now);
  return static_cast<std::uint64_t>(now.tv_sec) * 1'000'000'000u +
         static_cast<std::uint64_t>(now.tv_nsec);
}

void StepTrace::step(std::uint32_t worker, std::uint64_t begin_ns) const {
  char track[32] = "cpu";
  if (worker != 0) std::snprintf(track, sizeof track, "cpu beside %u", worker);
  const rdu_trace_span span{RDU_HEADER(rdu_trace_span), track, name, begin_ns, now_ns(), nullptr};
  host->trace(host, &span);
}

void StepTrace::task(std::uint32_t worker, std::uint64_t begin_ns) const {
  if (worker == 0) return;  // the step's own span says it
  char track[32];
  std::snprintf(track, sizeof track, "worker %u", worker);
  const rdu_trace_span span{RDU_HEADER(rdu_trace_span), track, name, begin_ns, now_ns(), nullptr};
  host->trace(host, &span);
}

}  // namespace rdu::cpu
