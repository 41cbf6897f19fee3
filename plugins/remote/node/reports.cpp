// What those who watch are told: alive, ready, figures for people and for machines.
#include <algorithm>

#include "plugins/remote/node/clock.hpp"
#include "plugins/remote/node/front_end.hpp"

namespace rdu::remote::node {

namespace {

constexpr std::uint64_t kSongLasts = 10 * kSecond;

double seconds(std::uint64_t ns) { return static_cast<double>(ns) / 1e9; }
std::uint64_t micros(std::uint64_t ns) { return ns / 1000; }

std::string quoted(const std::string& text) {
  std::string out = "\"";
  for (const char c : text) {
    if (c == '"' || c == '\\') out += '\\';
    if (static_cast<unsigned char>(c) >= 0x20) out += c;
  }
  return out + "\"";
}

std::string latency_json(const Latency& latency) {
  return concat("{\"count\":", latency.count(), ",\"p50_us\":", micros(latency.percentile_ns(0.5)),
                ",\"p90_us\":", micros(latency.percentile_ns(0.9)),
                ",\"p99_us\":", micros(latency.percentile_ns(0.99)),
                ",\"p999_us\":", micros(latency.percentile_ns(0.999)), "}");
}

std::string lane_json(const Lane& lane) {
  const LaneStats& stats = lane.stats();
  return concat(
      "{\"uri\":", quoted(lane.device()), ",\"ready\":", lane.ready() ? "true" : "false",
      ",\"queued\":", lane.queued(), ",\"under_way\":", lane.under_way(), ",\"done\":", stats.done,
      ",\"failed\":", stats.failed, ",\"expired\":", stats.expired,
      ",\"cancelled\":", stats.cancelled, ",\"lost\":", stats.lost,
      ",\"restarts\":", stats.restarts, ",\"busy_us\":", micros(stats.device.sum_ns()),
      ",\"queue\":", latency_json(stats.queue), ",\"device\":", latency_json(stats.device),
      ",\"total\":", latency_json(stats.total), "}");
}

// One metric: its kind, and a line for each of its values.
class Metrics {
 public:
  Metrics& begin(const char* name, const char* kind, const char* help) {
    name_ = name;
    text_ +=
        concat("# HELP rdu_node_", name, " ", help, "\n# TYPE rdu_node_", name, " ", kind, "\n");
    return *this;
  }
  template <class T>
  Metrics& add(const std::string& labels, T value) {
    text_ += concat("rdu_node_", name_, labels.empty() ? "" : "{" + labels + "}", " ", value, "\n");
    return *this;
  }
  template <class T>
  Metrics& one(const char* name, const char* kind, const char* help, T value) {
    return begin(name, kind, help).add("", value);
  }
  const std::string& text() const { return text_; }

 private:
  std::string name_, text_;
};

void add_summary(Metrics& metrics, const char* name, const char* help,
                 const std::vector<std::unique_ptr<Lane>>& lanes, const Latency LaneStats::*which) {
  metrics.begin(name, "summary", help);
  for (const auto& lane : lanes) {
    const Latency& latency = lane->stats().*which;
    const std::string device = "device=" + quoted(lane->device());
    for (const auto& [text, fraction] : {std::pair("0.5", 0.5), {"0.9", 0.9}, {"0.99", 0.99}}) {
      metrics.add(device + ",quantile=\"" + text + "\"", seconds(latency.percentile_ns(fraction)));
    }
  }
}

}  // namespace

Page FrontEnd::page(const std::string& path) {
  if (path == "/live") return {200, "text/plain", "alive\n"};
  if (path == "/ready") {
    if (ready()) return {200, "text/plain", "ready\n"};
    return {503, "text/plain", drain_until_ns_ != 0 ? "draining\n" : "a worker does not answer\n"};
  }
  if (path == "/metrics") return {200, "text/plain; version=0.0.4", metrics_text()};
  if (path == "/status") return {200, "application/json", status_json() + "\n"};
  return {404, "text/plain", "/live /ready /metrics /status\n"};
}

// Every worker has been heard to sing lately: work went through it and its device, and came back.
bool FrontEnd::ready() const {
  const std::uint64_t now = now_ns();
  return drain_until_ns_ == 0 && std::ranges::all_of(canary_ns_, [&](std::uint64_t heard) {
           return heard != 0 && now - heard < kSongLasts;
         });
}

void FrontEnd::sing() {
  last_song_ns_ = now_ns();
  for (std::size_t i = 0; i < lanes_.size(); ++i) {
    if (!lanes_[i]->ready()) {
      canary_ns_[i] = 0;
      continue;
    }
    auto job = std::make_shared<Job>();
    job->arrival_ns = last_song_ns_;
    job->prepare = [](WorkerProcess& worker) {
      return make_work(worker, {.op = Op::kCanary}, {}, 4096);
    };
    job->done = [this, i](const Completion& completion) {
      canary_ns_[i] = completion.status.ok() ? now_ns() : 0;
    };
    lanes_[i]->submit_first(std::move(job));
  }
}

std::string FrontEnd::status_json() const {
  std::string devices;
  for (const auto& lane : lanes_) devices += (devices.empty() ? "" : ",") + lane_json(*lane);
  const auto busy = std::ranges::count_if(
      connections_, [](const auto& entry) { return !entry.second->jobs.empty(); });
  return concat(
      "{\"epoch\":", identity_.epoch, ",\"uptime_s\":", (now_ns() - started_ns_) / kSecond,
      ",\"draining\":", drain_until_ns_ != 0 ? "true" : "false",
      ",\"ready\":", ready() ? "true" : "false", ",\"clients\":", connections_.size(),
      ",\"busy_clients\":", busy, ",\"queued_bytes\":", services_.queued_bytes,
      ",\"states\":", states_.num_states(), ",\"repeats\":", states_.num_repeats(),
      ",\"messages_in\":", counters_.received, ",\"bytes_in\":", counters_.received_bytes,
      ",\"messages_out\":", outbox_.stats().messages, ",\"bytes_out\":", outbox_.stats().bytes,
      ",\"malformed\":", counters_.malformed, ",\"refused_keys\":", gate_.num_refused(),
      ",\"overloaded\":", counters_.overloaded, ",\"devices\":[", devices, "]}");
}

std::string FrontEnd::metrics_text() const {
  Metrics metrics;
  metrics
      .one("up_seconds", "gauge", "Since this life of the front end began.",
           seconds(now_ns() - started_ns_))
      .one("boot_epoch", "counter", "Lives of the front end.", identity_.epoch)
      .one("clients", "gauge", "Connections that have said something lately.", connections_.size())
      .one("states", "gauge", "States that are kept.", states_.num_states())
      .one("state_recoveries_total", "counter", "States made again from their journals.",
           states_.num_recoveries())
      .one("repeated_effects_total", "counter",
           "Effects asked for again and answered from the journal.", states_.num_repeats())
      .one("queued_bytes", "gauge", "Bytes of requests under way.", services_.queued_bytes)
      .one("received_messages_total", "counter", "Messages of clients.", counters_.received)
      .one("received_bytes_total", "counter", "Their bytes.", counters_.received_bytes)
      .one("sent_messages_total", "counter", "Messages to clients.", outbox_.stats().messages)
      .one("sent_bytes_total", "counter", "Their bytes.", outbox_.stats().bytes)
      .one("errors_total", "counter", "Requests that ended in an error.", outbox_.stats().errors)
      .one("malformed_total", "counter", "Messages that failed a check of form.",
           counters_.malformed)
      .one("refused_keys_total", "counter", "Handshakes with keys that are not on the list.",
           gate_.num_refused())
      .one("overloaded_total", "counter", "Requests refused for want of room.",
           counters_.overloaded);
  const auto each = [&](const char* name, const char* kind, const char* help, auto value) {
    metrics.begin(name, kind, help);
    for (const auto& lane : lanes_) metrics.add("device=" + quoted(lane->device()), value(*lane));
  };
  each("queue_length", "gauge", "Requests that wait.",
       [](const Lane& lane) { return lane.queued(); });
  each("under_way", "gauge", "Requests in the worker.",
       [](const Lane& lane) { return lane.under_way(); });
  each("worker_restarts_total", "counter", "Workers that ended and were started again.",
       [](const Lane& lane) { return lane.stats().restarts; });
  each("runs_total", "counter", "Runs that ended well.",
       [](const Lane& lane) { return lane.stats().device.count(); });
  each("busy_seconds_total", "counter", "Time that the device spent on them.",
       [](const Lane& lane) { return seconds(lane.stats().device.sum_ns()); });
  add_summary(metrics, "queue_seconds", "From arrival to the worker.", lanes_, &LaneStats::queue);
  add_summary(metrics, "device_seconds", "On the device.", lanes_, &LaneStats::device);
  add_summary(metrics, "total_seconds", "From arrival to the answer.", lanes_, &LaneStats::total);
  return metrics.text();
}

}  // namespace rdu::remote::node
