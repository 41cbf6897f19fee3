// The report as JSON and as a table.
#include "tools/rducc/report.hpp"

#include <cstdio>
#include <nlohmann/json.hpp>

namespace rducc {
namespace {

using nlohmann::ordered_json;

ordered_json to_json(const VariantReport& variant) {
  ordered_json dims = ordered_json::object(), times = ordered_json::object();
  for (const auto& [name, extent] : variant.dims) dims[name] = extent;
  for (const auto& time : variant.times) times[time.pass] = time.seconds;
  ordered_json nodes = ordered_json::array();
  for (const auto& record : variant.nodes) {
    nodes.push_back({{"source", record.origin}, {"patterns", record.patterns}});
  }
  return {{"dims", dims},
          {"nodes", variant.num_nodes},
          {"sections", variant.num_sections},
          {"constant_bytes", variant.constant_bytes},
          {"seconds_per_pass", times},
          {"patterns_per_source_node", nodes}};
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

std::string pass_times(const CompileReport& report) {
  std::vector<PassTime> sums;
  for (const auto& variant : report.variants) {
    sums.resize(std::max(sums.size(), variant.times.size()));
    for (std::size_t i = 0; i < variant.times.size(); ++i) {
      sums[i].pass = variant.times[i].pass;
      sums[i].seconds += variant.times[i].seconds;
    }
  }
  std::string text;
  for (const auto& sum : sums) {
    char line[96];
    std::snprintf(line, sizeof line, "%10.3f ms  %s\n", sum.seconds * 1e3, sum.pass.c_str());
    text += line;
  }
  return text;
}

}  // namespace rducc
