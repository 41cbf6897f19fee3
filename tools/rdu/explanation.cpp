// Joins placement, sections and origins, and tells them for people and for programs.
#include "tools/rdu/explanation.hpp"

#include <algorithm>
#include <map>
#include <numeric>

#include "sdk/artifact/ops.hpp"
#include "sdk/artifact/text_description.hpp"
#include "sdk/artifact/text_graph.hpp"
#include "sdk/artifact/view.hpp"
#include "sdk/artifact/work.hpp"
#include "tools/rdu/error.hpp"
#include "tools/rdu/narrow_products.hpp"
#include "tools/rdu/table.hpp"

namespace rdu::tool {

namespace {

using artifact::at;
using artifact::OriginPart;
using artifact::OriginRow;
using base::format;
using nlohmann::ordered_json;

std::string shown_device(const std::string& device) { return device.empty() ? "NOBODY" : device; }

std::string percent(double part, double whole) {
  return format("%.1f %%", whole == 0 ? 100.0 : 100 * part / whole);
}

std::string plural(std::size_t count, const char* what) {
  return format("%zu %s%s", count, what, count == 1 ? "" : "s");
}

std::string range_text(std::uint32_t first, std::uint32_t last) {
  return first == last ? format("%u", first) : format("%u-%u", first, last);
}

bool same_answer(const PlacedSection& a, const PlacedSection& b) {
  return a.device == b.device && a.cut == b.cut && a.refusals == b.refusals;
}

}  // namespace

std::string quantity_text(double count) {
  for (const auto& [unit, name] : {std::pair(1e12, "T"), {1e9, "G"}, {1e6, "M"}, {1e3, "k"}}) {
    if (count >= unit) return format("%.3g %s", count / unit, name);
  }
  return format("%.3g", count);
}

std::vector<PlacedSection> placed_sections(const rdu_placement* placement,
                                           const artifact::Artifact& artifact) {
  std::vector<PlacedSection> sections;
  for (std::uint32_t i = 0; i < rdu_placement_num_sections(placement); ++i) {
    rdu_section_info info = {};
    info.header = RDU_HEADER(rdu_section_info);
    check(rdu_placement_get_section(placement, i, &info));
    PlacedSection section{info.signature, info.variant, info.section, info.first_node,
                          info.num_nodes, info.cut,     "",           {}};
    if (info.device != RDU_NO_INDEX) {
      section.device = rdu_placement_device_uri(placement, info.device);
    }
    const rdu_graph& graph = artifact.graph(info.signature, info.variant);
    for (std::uint32_t r = 0; r < info.refusals.count; ++r) {
      const auto* refusal = RDU_AT(rdu_refusal, info.refusals, r);
      const bool named = refusal->node < graph.nodes.count;
      section.refusals.push_back(
          {rdu_placement_device_uri(placement, refusal->device), rdu_reason_name(refusal->reason),
           rdu_reason_words(refusal->reason), refusal->detail == nullptr ? "" : refusal->detail,
           named ? at<rdu_node>(graph.nodes, refusal->node).name : ""});
    }
    sections.push_back(std::move(section));
  }
  return sections;
}

Explanation::Explanation(const artifact::Artifact& artifact, std::uint32_t signature,
                         std::uint32_t variant, const std::vector<PlacedSection>& sections)
    : artifact_(artifact),
      signature_(signature),
      variant_(variant),
      graph_(artifact.graph(signature, variant)),
      device_of_(graph_.nodes.count),
      operations_(artifact::node_operations(graph_)),
      rows_(artifact::origin_rows(graph_)) {
  for (const PlacedSection& section : sections) {
    if (section.signature != signature || section.variant != variant) continue;
    sections_.push_back(&section);
    if (std::ranges::find(devices_, section.device) == devices_.end()) {
      devices_.push_back(section.device);
    }
    std::fill_n(device_of_.begin() + section.first_node, section.num_nodes, section.device);
  }
  // What runs a node runs its sub-graphs; their user stands in a graph before them.
  for (std::uint32_t n = 0; n < graph_.nodes.count; ++n) {
    for (const std::uint32_t used : at<rdu_node>(graph_.nodes, n).graphs) {
      if (used == RDU_NONE) continue;
      const auto& sub = at<rdu_subgraph>(graph_.graphs, used);
      std::fill_n(device_of_.begin() + sub.first_node, sub.num_nodes, device_of_[n]);
    }
  }
}

std::string Explanation::title() const {
  const double total = std::accumulate(operations_.begin(), operations_.end(), 0.0);
  const auto& signature = artifact_.signatures()[signature_];
  std::string text = artifact_.name();
  if (artifact_.signatures().size() > 1) text += " " + signature.name;
  if (signature.variants.size() > 1) {
    text += format(", variant %u", variant_);
    const std::string dims = artifact::variant_dims_text(signature.variants[variant_]);
    if (!dims.empty()) text += " (" + dims + ")";
  }
  return text + ": " + plural(rows_.size(), "source node") + ", " +
         plural(graph_.nodes.count, "pattern node") + ", " +
         plural(graph_.sections.count, "section") + ", " + quantity_text(total) + " operations\n";
}

std::string Explanation::summary() const {
  std::string text = title() + narrow_products_text(graph_, operations_) + "\n" + device_totals() +
                     "\n" + section_lines();
  if (!rows_.empty()) text += "\n" + operator_lines();
  return text;
}

std::vector<Explanation::Total> Explanation::totals() const {
  std::vector<Total> totals;
  for (const std::string& device : devices_) {
    Total total{device, 0, 0, 0};
    for (const PlacedSection* section : sections_) total.sections += section->device == device;
    for (std::uint32_t n = 0; n < graph_.nodes.count; ++n) {
      if (device_of_[n] != device) continue;
      ++total.nodes;
      total.operations += operations_[n];
    }
    totals.push_back(std::move(total));
  }
  return totals;
}

std::string Explanation::device_totals() const {
  const double all = std::accumulate(operations_.begin(), operations_.end(), 0.0);
  Table table({"device", "sections", "nodes", "operations", "share"});
  for (const Total& total : totals()) {
    table.add({shown_device(total.device), format("%zu", total.sections),
               format("%zu", total.nodes), quantity_text(total.operations),
               percent(total.operations, all)});
  }
  return table.text();
}

// Consecutive sections with the same answer are one line, and their refusals follow it.
std::string Explanation::section_lines() const {
  Table table({"sections", "nodes", "cut", "device"});
  std::vector<std::string> refusals;
  for (std::size_t i = 0; i < sections_.size();) {
    std::size_t end = i + 1;
    while (end < sections_.size() && same_answer(*sections_[i], *sections_[end])) ++end;
    const PlacedSection& first = *sections_[i];
    const PlacedSection& last = *sections_[end - 1];
    table.add({range_text(first.section, last.section),
               range_text(first.first_node, last.first_node + last.num_nodes - 1), first.cut,
               shown_device(first.device)});
    std::string reasons;
    for (const Refusal& refusal : first.refusals) {
      reasons += "    " + refusal.device + " declines: " + refusal.words + " (" + refusal.reason +
                 ")" + (refusal.detail.empty() ? "" : ": " + refusal.detail) +
                 (refusal.node.empty() ? "" : ", at node " + refusal.node) + "\n";
    }
    refusals.push_back(reasons);
    i = end;
  }
  const std::string lines = table.text();
  std::string text;
  std::size_t begin = 0, number = 0;
  for (std::size_t at = lines.find('\n'); at != std::string::npos; at = lines.find('\n', begin)) {
    text += lines.substr(begin, at + 1 - begin);
    if (number > 0) text += refusals[number - 1];
    ++number;
    begin = at + 1;
  }
  return text;
}

std::string Explanation::operator_lines() const {
  struct Counts {
    std::size_t all = 0;
    std::map<std::uint32_t, std::size_t> fates;
    std::map<std::string, std::size_t> devices;
  };
  std::map<std::string, Counts> operators;
  bool present[RDU_ORIGIN_UNUSED + 1] = {};
  for (const OriginRow& row : rows_) {
    Counts& counts = operators[row.domain.empty() ? row.op_type : row.domain + "." + row.op_type];
    ++counts.all;
    present[row.fate] = true;
    if (row.fate != RDU_ORIGIN_COMPUTED) ++counts.fates[row.fate];
    for (const std::string& device : devices_) counts.devices[device] += runs_on(row, device);
  }
  std::vector<std::string> head{"operator", "nodes"};
  for (const std::string& device : devices_) head.push_back("on " + shown_device(device));
  for (std::uint32_t fate = 1; fate <= RDU_ORIGIN_UNUSED; ++fate) {
    if (present[fate]) head.push_back(artifact::fate_name(fate));
  }
  const auto cell = [](std::size_t count) {
    return count == 0 ? std::string("-") : format("%zu", count);
  };
  Table table(head);
  for (auto& [name, counts] : operators) {
    std::vector<std::string> line{name, cell(counts.all)};
    for (const std::string& device : devices_) line.push_back(cell(counts.devices[device]));
    for (std::uint32_t fate = 1; fate <= RDU_ORIGIN_UNUSED; ++fate) {
      if (present[fate]) line.push_back(cell(counts.fates[fate]));
    }
    table.add(line);
  }
  return table.text();
}

bool Explanation::runs_on(const OriginRow& row, const std::string& device) const {
  return std::ranges::any_of(
      row.parts, [&](const OriginPart& part) { return device_of_[part.number] == device; });
}

std::vector<std::uint32_t> Explanation::select(const NodeFilter& filter) const {
  const bool exact =
      std::ranges::any_of(rows_, [&](const OriginRow& row) { return row.name == filter.name; });
  std::vector<std::uint32_t> selected;
  for (std::uint32_t i = 0; i < rows_.size(); ++i) {
    const OriginRow& row = rows_[i];
    const bool named =
        filter.name.empty() ||
        (exact ? row.name == filter.name : row.name.find(filter.name) != std::string::npos);
    const bool typed = filter.op_type.empty() || row.op_type == filter.op_type;
    const bool placed =
        filter.device.empty() || std::ranges::any_of(row.parts, [&](const OriginPart& part) {
          return device_of_[part.number].starts_with(filter.device);
        });
    if (named && typed && placed) selected.push_back(i);
  }
  if (!selected.empty()) return selected;
  if (rows_.empty()) throw ToolError("the artifact does not tell its source model's nodes");
  throw ToolError("none of the " + std::to_string(rows_.size()) +
                  " nodes fits: 'rdu explain MODEL --nodes' lists them all");
}

std::string Explanation::nodes(const NodeFilter& filter) const {
  std::vector<std::string> devices;
  for (const std::string& device : device_of_) devices.push_back(shown_device(device));
  return title() + "\n" + artifact::origin_table(rows_, select(filter), devices);
}

std::string Explanation::details(const NodeFilter& filter) const {
  std::string text;
  for (const std::uint32_t row : select(filter)) text += (text.empty() ? "" : "\n") + detail(row);
  return text;
}

std::string Explanation::detail(std::uint32_t number) const {
  const artifact::GraphText graph_text(graph_);
  const OriginRow& row = rows_[number];
  const auto& origin = at<rdu_origin>(graph_.origins, number);
  std::string text = row.name + "\n  operator  " + (row.domain.empty() ? "" : row.domain + ".") +
                     row.op_type + "\n  became    " + artifact::became_text(rows_, number) + "\n";
  if (row.parent != RDU_NONE) text += "  inside    " + rows_[row.parent].name + "\n";
  for (const OriginPart& part : row.parts) {
    text += format("  pattern   %s %s, section %u on %s, %s operations\n",
                   artifact::pattern_name(part.pattern), part.node.c_str(), part.section,
                   shown_device(device_of_[part.number]).c_str(),
                   quantity_text(operations_[part.number]).c_str());
  }
  for (const std::uint32_t other : row.fused_with) {
    text += "  with      " + rows_[other].op_type + " " + rows_[other].name + "\n";
  }
  for (const auto& tensor : artifact::slice<rdu_origin_tensor>(
           graph_.origin_tensors, origin.first_tensor, origin.num_tensors)) {
    text += std::string("  yields    ") + tensor.name + ": " +
            (tensor.value == RDU_NONE ? "never stored" : graph_text.type(tensor.value)) + "\n";
  }
  return text;
}

ordered_json Explanation::json() const {
  ordered_json list = ordered_json::array();
  for (const OriginRow& row : rows_) {
    ordered_json patterns = ordered_json::array(), with = ordered_json::array();
    for (const OriginPart& part : row.parts) {
      patterns.push_back({{"node", part.node},
                          {"pattern", artifact::pattern_name(part.pattern)},
                          {"section", part.section},
                          {"device", device_of_[part.number]},
                          {"operations", operations_[part.number]}});
    }
    for (const std::uint32_t other : row.fused_with) with.push_back(rows_[other].name);
    list.push_back({{"name", row.name},
                    {"op_type", row.op_type},
                    {"domain", row.domain},
                    {"fate", artifact::fate_name(row.fate)},
                    {"patterns", patterns},
                    {"fused_with", with}});
  }
  ordered_json devices = ordered_json::array();
  for (const Total& total : totals()) {
    devices.push_back({{"device", total.device},
                       {"sections", total.sections},
                       {"nodes", total.nodes},
                       {"operations", total.operations}});
  }
  const auto& variant = artifact_.signatures()[signature_].variants[variant_];
  return {{"variant", variant_},
          {"dims", artifact::variant_dims_text(variant)},
          {"pattern_nodes", graph_.nodes.count},
          {"operations", std::accumulate(operations_.begin(), operations_.end(), 0.0)},
          {"devices", devices},
          {"source_nodes", list}};
}

}  // namespace rdu::tool
