// The remote device reports spans named wire, queue and device for each run that a peer answered.
#include "tools/rdu/remote_times.hpp"

#include <algorithm>
#include <cstdio>
#include <map>
#include <vector>

#include "tools/rdu/traced_run.hpp"

namespace rdu::tool {

namespace {

constexpr int kRuns = 31;
constexpr const char* kParts[] = {"wire", "queue", "device"};

double median(std::vector<double> values) {
  std::ranges::nth_element(values, values.begin() + static_cast<long>(values.size() / 2));
  return values[values.size() / 2];
}

}  // namespace

nlohmann::json remote_times(rdu_context* context, const std::function<void()>& run) {
  std::map<std::string, std::vector<double>> parts;
  for (int i = 0; i < kRuns; ++i) {
    std::map<std::string, double> of_run;
    for (const TracedSpan& span : traced_run(context, run)) {
      if (span.category != "remote") continue;
      of_run[span.name] += static_cast<double>(span.end_ns - span.begin_ns) / 1e6;
    }
    if (of_run.empty()) return nlohmann::json::object();
    for (const char* part : kParts) parts[part].push_back(of_run[part]);
  }
  nlohmann::json times;
  for (const char* part : kParts) times[std::string(part) + "_ms"] = median(parts[part]);
  return times;
}

std::string remote_text(const nlohmann::json& times) {
  if (times.empty()) return {};
  char line[160];
  std::snprintf(line, sizeof line,
                "remote     %.4f ms on the wire, %.4f in the peer's queue, %.4f on its device\n",
                times["wire_ms"].get<double>(), times["queue_ms"].get<double>(),
                times["device_ms"].get<double>());
  return line;
}

}  // namespace rdu::tool
