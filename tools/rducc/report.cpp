// The report as JSON, and its times.
#include "tools/rducc/report.hpp"

#include <algorithm>
#include <cctype>
#include <nlohmann/json.hpp>

namespace rducc {
namespace {

using nlohmann::ordered_json;

const char* const kPatterns[] = {
#define X(name, number) #name,
    RDU_PATTERNS(X)
#undef X
};
const char* const kFates[] = {"computed", "constant", "view", "expanded", "unused"};

std::string lower(std::string text) {
  std::transform(text.begin(), text.end(), text.begin(),
                 [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
  return text;
}

ordered_json to_json(const NodeRecord& record, const std::vector<NodeRecord>& all) {
  ordered_json patterns = ordered_json::array(), fused_with = ordered_json::array();
  for (const PatternRecord& pattern : record.patterns) {
    patterns.push_back({{"node", pattern.node},
                        {"pattern", lower(kPatterns[pattern.pattern])},
                        {"section", pattern.section}});
  }
  for (const std::uint32_t other : record.fused_with) fused_with.push_back(all[other].name);
  return {{"name", record.name},         {"op_type", record.op_type}, {"domain", record.domain},
          {"fate", kFates[record.fate]}, {"patterns", patterns},      {"fused_with", fused_with}};
}

ordered_json to_json(const VariantReport& variant) {
  ordered_json dims = ordered_json::object(), times = ordered_json::object();
  for (const auto& [name, extent] : variant.dims) dims[name] = extent;
  for (const auto& time : variant.times) times[time.pass] = time.seconds;
  ordered_json nodes = ordered_json::array();
  for (const auto& record : variant.nodes) {
    nodes.push_back(to_json(record, variant.nodes));
  }
  return {{"dims", dims},
          {"nodes", variant.num_nodes},
          {"sections", variant.num_sections},
          {"constant_bytes", variant.constant_bytes},
          {"seconds_per_pass", times},
          {"source_nodes", nodes}};
}

}  // namespace

std::string report_json(const CompileReport& report) {
  ordered_json variants = ordered_json::array();
  for (const auto& variant : report.variants) variants.push_back(to_json(variant));
  const ordered_json json = {{"producer", producer()},
                             {"source_nodes", report.num_source_nodes},
                             {"seconds", report.seconds},
                             {"variants", variants}};
  return json.dump(2, ' ', false, ordered_json::error_handler_t::replace) + "\n";
}

std::vector<PassTime> pass_times(const CompileReport& report) {
  std::vector<PassTime> sums;
  for (const auto& variant : report.variants) {
    sums.resize(std::max(sums.size(), variant.times.size()));
    for (std::size_t i = 0; i < variant.times.size(); ++i) {
      sums[i].pass = variant.times[i].pass;
      sums[i].seconds += variant.times[i].seconds;
    }
  }
  return sums;
}

}  // namespace rducc
