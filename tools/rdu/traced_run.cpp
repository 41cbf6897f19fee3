// A trace callback that keeps what it is given, and the file that shows it.
#include "tools/rdu/traced_run.hpp"

#include <algorithm>
#include <map>
#include <mutex>
#include <nlohmann/json.hpp>

#include "tools/rdu/error.hpp"

namespace rdu::tool {

namespace {

using nlohmann::ordered_json;

struct Spans {
  std::mutex mutex;
  std::vector<TracedSpan> kept;
};

void keep(void* user, const rdu_trace_record* record) {
  auto& spans = *static_cast<Spans*>(user);
  const char* details = RDU_HAS(record, details) ? record->details : "";
  const std::lock_guard lock(spans.mutex);
  spans.kept.push_back(
      {record->track, record->name, record->category, details, record->begin_ns, record->end_ns});
}

// Tracing ends with this, whatever the run throws.
class Tracing {
 public:
  Tracing(rdu_context* context, Spans& spans) : context_(context) {
    check(rdu_context_set_trace(context, keep, &spans));
  }
  Tracing(const Tracing&) = delete;
  Tracing& operator=(const Tracing&) = delete;
  ~Tracing() { rdu_status_destroy(rdu_context_set_trace(context_, nullptr, nullptr)); }

 private:
  rdu_context* context_;
};

// Numbers from 1, in the order of first use; the trace names each once.
class Numbers {
 public:
  Numbers(const char* event, ordered_json& events) : event_(event), events_(events) {}
  int of(const std::string& name, int process, bool is_thread) {
    const auto [at, made] = numbers_.try_emplace({process, name}, numbers_.size() + 1);
    const int number = static_cast<int>(at->second);
    if (made) {
      events_.push_back({{"ph", "M"},
                         {"name", event_},
                         {"pid", is_thread ? process : number},
                         {"tid", is_thread ? number : 0},
                         {"args", {{"name", name}}}});
    }
    return number;
  }

 private:
  const char* event_;
  ordered_json& events_;
  std::map<std::pair<int, std::string>, std::size_t> numbers_;
};

double microseconds(std::uint64_t ns) { return static_cast<double>(ns) / 1e3; }

}  // namespace

std::vector<TracedSpan> traced_run(rdu_context* context, const std::function<void()>& run) {
  Spans spans;
  {
    const Tracing tracing(context, spans);
    run();
  }
  return std::move(spans.kept);
}

std::string trace_json(const std::vector<TracedSpan>& spans) {
  ordered_json events = ordered_json::array();
  Numbers processes("process_name", events), threads("thread_name", events);
  std::uint64_t origin = UINT64_MAX;
  for (const TracedSpan& span : spans) origin = std::min(origin, span.begin_ns);
  for (const TracedSpan& span : spans) {
    const int process = processes.of(span.category, 0, false);
    ordered_json event = {{"ph", "X"},
                          {"name", span.name},
                          {"pid", process},
                          {"tid", threads.of(span.track, process, true)},
                          {"ts", microseconds(span.begin_ns - origin)},
                          {"dur", microseconds(span.end_ns - span.begin_ns)}};
    const ordered_json details = ordered_json::parse(span.details, nullptr, false);
    if (details.is_object()) event["args"] = details;
    events.push_back(std::move(event));
  }
  const ordered_json file = {{"traceEvents", std::move(events)}};
  return file.dump(-1, ' ', false, ordered_json::error_handler_t::replace) + '\n';
}

}  // namespace rdu::tool
