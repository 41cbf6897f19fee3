// Adds up the spans of devices by the node that they name.
#include "tools/rdu/profile.hpp"

#include <algorithm>
#include <chrono>
#include <map>
#include <unordered_map>

#include "sdk/artifact/ops.hpp"
#include "sdk/artifact/view.hpp"
#include "sdk/artifact/work.hpp"
#include "sdk/base/dtype.hpp"
#include "sdk/base/result.hpp"
#include "tools/rdu/explanation.hpp"
#include "tools/rdu/table.hpp"
#include "tools/rdu/traced_run.hpp"

namespace rdu::tool {

namespace {

using artifact::at;
using artifact::slice;
using base::format;
using Clock = std::chrono::steady_clock;

double median(std::vector<double> values) {
  const auto middle = values.begin() + static_cast<std::ptrdiff_t>(values.size() / 2);
  std::ranges::nth_element(values, middle);
  return *middle;
}

// What one node computes and moves. A read counts what its points can reach, at most the whole value.
class Work {
 public:
  explicit Work(const rdu_graph& graph)
      : graph_(graph), operations_(artifact::node_operations(graph)) {}

  double operations(std::uint32_t number) const {
    double sum = operations_[number];
    for (const std::uint32_t used : at<rdu_node>(graph_.nodes, number).graphs) {
      if (used == RDU_NONE) continue;
      const auto& sub = at<rdu_subgraph>(graph_.graphs, used);
      for (std::uint32_t n = 0; n < sub.num_nodes; ++n) sum += operations(sub.first_node + n);
    }
    return sum;
  }

  double bytes(std::uint32_t number) const {
    const auto& node = at<rdu_node>(graph_.nodes, number);
    double points = 1;
    for (const auto& loop : slice<rdu_loop>(graph_.loops, node.first_loop, node.num_loops)) {
      points *= static_cast<double>(loop.extent);
    }
    std::map<std::uint32_t, double> moved;  // what several reads share is there once
    const auto meet = [&](std::uint32_t value, double most) {
      if (value == RDU_NONE) return;
      const auto& v = at<rdu_value>(graph_.values, value);
      const double reach = most * static_cast<double>(base::dtype_bits(v.dtype)) / 8;
      double& known = moved[v.storage];
      known = std::max(known, std::min(reach, static_cast<double>(v.bytes)));
    };
    for (const auto& r : slice<rdu_read>(graph_.reads, node.first_read, node.num_reads)) {
      meet(r.value, points);
    }
    for (const auto& w : slice<rdu_write>(graph_.writes, node.first_write, node.num_writes)) {
      meet(w.value, points);
    }
    constexpr double kAll = 1e300;
    for (const auto& port : slice<rdu_port>(graph_.ports, node.first_port, node.num_ports)) {
      meet(port.outer, kAll);
      meet(port.result, kAll);
    }
    double sum = 0;
    for (const auto& [value, count] : moved) sum += count;
    return sum;
  }

 private:
  const rdu_graph& graph_;
  std::vector<double> operations_;
};

std::string source_text(const rdu_graph& graph, const rdu_node& node) {
  std::string text;
  for (const std::uint32_t origin :
       slice<std::uint32_t>(graph.origin_lists, node.first_origin, node.num_origins)) {
    const auto& source = at<rdu_origin>(graph.origins, origin);
    text += (text.empty() ? "" : ", ") + std::string(source.op_type) + " " + source.name;
  }
  return text;
}

using Times = std::unordered_map<std::string, std::vector<double>>;

// The node of each name in the variant that ran: the one that has the names.
std::unordered_map<std::string, std::uint32_t> numbers_of(const artifact::Artifact& artifact,
                                                          const Times& times,
                                                          std::uint32_t& variant) {
  const auto count = static_cast<std::uint32_t>(artifact.signatures().front().variants.size());
  for (variant = 0; variant < count; ++variant) {
    std::unordered_map<std::string, std::uint32_t> numbers;
    const rdu_array& nodes = artifact.graph(0, variant).nodes;
    for (std::uint32_t n = 0; n < nodes.count; ++n) numbers.emplace(at<rdu_node>(nodes, n).name, n);
    const auto known = [&](const auto& entry) { return numbers.contains(entry.first); };
    if (std::ranges::any_of(times, known)) return numbers;
  }
  return {};
}

std::string percent(double part, double whole) { return format("%.1f %%", 100 * part / whole); }

std::string shortened(const std::string& text) {
  constexpr std::size_t kMost = 60;
  return text.size() <= kMost ? text : text.substr(0, kMost - 2) + "..";
}

}  // namespace

Profile profile_runs(rdu_context* context, const std::function<void()>& run,
                     const artifact::Artifact& artifact, const LimitsOf* limits, double seconds) {
  Times times;
  std::vector<double> runs;
  const auto start = Clock::now();
  do {
    std::unordered_map<std::string, double> of_run;
    for (const TracedSpan& span : traced_run(context, run)) {
      const double us = static_cast<double>(span.end_ns - span.begin_ns) / 1e3;
      if (span.category == "run")
        runs.push_back(us);
      else if (!span.track.starts_with("worker "))  // they work for a span that is counted
        of_run[span.name] += us;
    }
    for (const auto& [name, us] : of_run) times[name].push_back(us);
  } while (std::chrono::duration<double>(Clock::now() - start).count() < seconds);

  Profile profile;
  profile.runs = runs.size();
  profile.run_us = median(runs);
  std::uint32_t variant = 0;
  const auto numbers = numbers_of(artifact, times, variant);
  if (numbers.empty()) return profile;
  const rdu_graph& graph = artifact.graph(0, variant);
  const Work work(graph);
  for (const auto& [name, us] : times) {
    const auto found = numbers.find(name);
    if (found == numbers.end()) continue;
    const auto& node = at<rdu_node>(graph.nodes, found->second);
    ProfiledNode row{
        name,       source_text(graph, node),       artifact::pattern_name(node.pattern),
        median(us), work.operations(found->second), work.bytes(found->second),
        0};
    const bool of_bytes = node.pattern == RDU_PATTERN_CONTRACT && node.acc_dtype == RDU_DTYPE_I32;
    if (limits != nullptr) row.limit_us = limits->least_us(row.operations, row.bytes, of_bytes);
    profile.nodes.push_back(std::move(row));
  }
  std::ranges::sort(profile.nodes, [](const ProfiledNode& a, const ProfiledNode& b) {
    return a.us != b.us ? a.us > b.us : a.node < b.node;
  });
  return profile;
}

std::string profile_text(const Profile& profile) {
  Table table({"us", "share", "GFLOP/s", "GB/s", "of limit", "pattern", "node", "source"});
  double sum = 0;
  for (const ProfiledNode& row : profile.nodes) {
    const double ns = std::max(row.us * 1e3, 1.0);
    sum += row.us;
    table.add({format("%.2f", row.us), percent(row.us, profile.run_us),
               format("%.2f", row.operations / ns), format("%.2f", row.bytes / ns),
               row.limit_us == 0 ? "-" : percent(row.limit_us, row.us), row.pattern,
               shortened(row.node), shortened(row.source)});
  }
  if (table.empty()) return "profile    no device of this run tells of its nodes\n";
  table.add({format("%.2f", std::max(profile.run_us - sum, 0.0)),
             percent(std::max(profile.run_us - sum, 0.0), profile.run_us), "-", "-", "-", "",
             "(between nodes, and tracing)", ""});
  return format("profile    %zu runs, %.2f us each while traced\n", profile.runs, profile.run_us) +
         table.text();
}

nlohmann::ordered_json profile_json(const Profile& profile) {
  nlohmann::ordered_json nodes = nlohmann::ordered_json::array();
  for (const ProfiledNode& row : profile.nodes) {
    nodes.push_back({{"node", row.node},
                     {"source", row.source},
                     {"pattern", row.pattern},
                     {"us", row.us},
                     {"operations", row.operations},
                     {"bytes", row.bytes},
                     {"limit_us", row.limit_us}});
  }
  return {{"runs", profile.runs}, {"run_us", profile.run_us}, {"nodes", std::move(nodes)}};
}

}  // namespace rdu::tool
