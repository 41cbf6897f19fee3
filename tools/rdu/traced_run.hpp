// Every span that runtime and plugins report while something runs.
#pragma once

#include <rdu/rdu.h>

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

namespace rdu::tool {

struct TracedSpan {
  std::string track, name, category;
  std::string details;  // a JSON object, or empty
  std::uint64_t begin_ns, end_ns;
};

// In the order in which they ended.
std::vector<TracedSpan> traced_run(rdu_context* context, const std::function<void()>& run);

// What Perfetto and chrome://tracing open: a process for each category, a thread for each track, details as arguments.
std::string trace_json(const std::vector<TracedSpan>& spans);

}  // namespace rdu::tool
