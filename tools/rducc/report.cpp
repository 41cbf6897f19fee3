// The report as JSON, and its times.
#include "tools/rducc/report.hpp"

#include <rdu/plugin.h>

#include <algorithm>
#include <nlohmann/json.hpp>
#include <numeric>

#include "sdk/artifact/ops.hpp"

namespace rducc {
namespace {

using nlohmann::ordered_json;
using rdu::artifact::OriginRow;

std::string counted(std::size_t count, const char* what) {
  return std::to_string(count) + " " + what + (count == 1 ? "" : "s");
}

ordered_json to_json(const std::vector<OriginRow>& rows, const OriginRow& row) {
  ordered_json patterns = ordered_json::array(), fused_with = ordered_json::array();
  for (const auto& part : row.parts) {
    patterns.push_back({{"node", part.node},
                        {"pattern", rdu::artifact::pattern_name(part.pattern)},
                        {"section", part.section}});
  }
  for (const std::uint32_t other : row.fused_with) fused_with.push_back(rows[other].name);
  return {{"name", row.name},     {"op_type", row.op_type},
          {"domain", row.domain}, {"fate", rdu::artifact::fate_name(row.fate)},
          {"patterns", patterns}, {"fused_with", fused_with}};
}

const char* reason_name(std::uint32_t reason) {
  static constexpr const char* kNames[] = {
#define X(name, number, words) #name,
      RDU_REASONS(X)
#undef X
  };
  return reason < std::size(kNames) ? kNames[reason] : "?";
}

double share_of(const chip::TargetReport& report) {
  const double all = report.all_flops();
  return all == 0 ? 1 : report.taken_flops() / all;
}

ordered_json to_json(const ChipReport& chip) {
  ordered_json left = ordered_json::array();
  for (const auto& node : chip.report.nodes) {
    if (node.reason == RDU_REASON_TAKEN) continue;
    left.push_back({{"node", node.name},
                    {"reason", reason_name(node.reason)},
                    {"detail", node.detail},
                    {"flops", node.flops}});
  }
  return {{"target", chip.target},
          {"payloads", chip.report.num_payloads},
          {"chip_sections", chip.report.num_chip_sections},
          {"estimated_cycles", chip.report.estimated_cycles},
          {"nodes", chip.report.nodes.size()},
          {"nodes_left", left},
          {"flops", chip.report.all_flops()},
          {"flops_share", share_of(chip.report)}};
}

std::string table_of(const ChipReport& chip) {
  std::size_t taken = 0;
  std::string left;
  for (const auto& node : chip.report.nodes) {
    if (node.reason == RDU_REASON_TAKEN) {
      ++taken;
    } else {
      left += "  " + node.name + ": " + reason_name(node.reason) + ", " + node.detail + "\n";
    }
  }
  return "\n" + chip.target + ": " + std::to_string(taken) + " of " +
         counted(chip.report.nodes.size(), "pattern") +
         rdu::base::format(", %.1f %% of the operations, in ", 100 * share_of(chip.report)) +
         counted(chip.report.num_chip_sections, "section") + ", about " +
         counted(chip.report.estimated_cycles, "cycle") + "\n" + left;
}

ordered_json to_json(const VariantReport& variant) {
  ordered_json dims = ordered_json::object(), times = ordered_json::object();
  for (const auto& [name, extent] : variant.dims) dims[name] = extent;
  for (const auto& time : variant.times) times[time.pass] = time.seconds;
  ordered_json nodes = ordered_json::array();
  for (const auto& row : variant.source_nodes) {
    nodes.push_back(to_json(variant.source_nodes, row));
  }
  ordered_json chips = ordered_json::array();
  for (const ChipReport& chip : variant.chips) chips.push_back(to_json(chip));
  return {{"dims", dims},
          {"nodes", variant.num_nodes},
          {"sections", variant.num_sections},
          {"constant_bytes", variant.constant_bytes},
          {"seconds_per_pass", times},
          {"chips", chips},
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

std::string report_table(const CompileReport& report) {
  std::string text;
  for (const auto& variant : report.variants) {
    std::string dims;
    for (const auto& [name, extent] : variant.dims) {
      dims += (dims.empty() ? " for " : ", ") + name + "=" + std::to_string(extent);
    }
    text += (text.empty() ? "" : "\n") + counted(variant.source_nodes.size(), "node") + " became " +
            counted(variant.num_nodes, "pattern") + " in " +
            counted(variant.num_sections, "section") + dims + "\n\n";
    std::vector<std::uint32_t> all(variant.source_nodes.size());
    std::iota(all.begin(), all.end(), 0u);
    text += rdu::artifact::origin_table(variant.source_nodes, all, {});
    for (const ChipReport& chip : variant.chips) text += table_of(chip);
  }
  return text;
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
