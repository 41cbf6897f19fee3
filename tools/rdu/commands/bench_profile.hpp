// What `rdu bench` tells beside the latency: the machine's limits, where a run spends its time, a trace of it.
#pragma once

#include <functional>
#include <string>

#include "tools/rdu/profile.hpp"

namespace rdu::tool {

// Measures, prints and keeps the limits of this machine.
void bench_machine(bool json);

// The artifact is the file that `run` runs.
Profile profile_artifact(rdu_context* context, const std::function<void()>& run,
                         const std::string& artifact, std::uint32_t threads, double seconds);

void write_trace(rdu_context* context, const std::function<void()>& run, const std::string& file);

}  // namespace rdu::tool
