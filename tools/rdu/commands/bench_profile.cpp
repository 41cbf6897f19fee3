// Joins the profile with the artifact and with the limits that an earlier `rdu bench --machine` kept.
#include "tools/rdu/commands/bench_profile.hpp"

#include <algorithm>
#include <cstdio>
#include <fstream>
#include <thread>

#include "sdk/artifact/reader.hpp"
#include "tools/rdu/error.hpp"
#include "tools/rdu/traced_run.hpp"

namespace rdu::tool {

void bench_machine(bool json) {
  const MachineLimits limits = measure_machine();
  const std::filesystem::path file = machine_file();
  if (!file.empty()) save_machine(limits, file);
  if (json) {
    std::printf("%s\n", machine_json(limits).dump().c_str());
    return;
  }
  std::fputs(machine_text(limits).c_str(), stdout);
  if (!file.empty()) std::printf("kept       %s\n", file.c_str());
}

Profile profile_artifact(rdu_context* context, const std::function<void()>& run,
                         const std::string& artifact, std::uint32_t threads, double seconds) {
  const auto opened = artifact::open_artifact(artifact);
  if (!opened) throw ToolError(opened.error().message);
  const auto machine = load_machine(machine_file());
  const std::uint32_t all = std::max(1u, std::thread::hardware_concurrency());
  const LimitsOf* limits =
      machine ? &machine->of(threads == 0 ? all : std::min(threads, all)) : nullptr;
  return profile_runs(context, run, **opened, limits, seconds);
}

void write_trace(rdu_context* context, const std::function<void()>& run, const std::string& file) {
  const std::string text = trace_json(traced_run(context, run));
  std::ofstream out(file, std::ios::binary);
  out << text;
  out.flush();
  if (!out) throw ToolError(file + ": cannot be written");
}

}  // namespace rdu::tool
