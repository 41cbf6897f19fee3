// Who runs what: the placement of one variant together with the source model's nodes.
#pragma once

#include <rdu/program.h>

#include <cstdint>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "sdk/artifact/artifact.hpp"
#include "sdk/artifact/origin_rows.hpp"

namespace rdu::tool {

struct Refusal {
  std::string device, reason, words, detail;
  std::string node;  // the first that stands in the way, or ""
  bool operator==(const Refusal&) const = default;
};

struct PlacedSection {
  std::uint32_t signature = 0, variant = 0, section = 0;
  std::uint32_t first_node = 0, num_nodes = 0;
  std::string cut;
  std::string device;  // "": nobody takes it
  std::vector<Refusal> refusals;
};

std::vector<PlacedSection> placed_sections(const rdu_placement* placement,
                                           const artifact::Artifact& artifact);

// What the reader of a long model wants to see of it; an empty field lets everything through.
struct NodeFilter {
  std::string name;  // exactly, or where no node has it, a part of the name
  std::string op_type;
  std::string device;  // what its URI begins with
  bool empty() const { return name.empty() && op_type.empty() && device.empty(); }
};

class Explanation {
 public:
  // Borrows both.
  Explanation(const artifact::Artifact& artifact, std::uint32_t signature, std::uint32_t variant,
              const std::vector<PlacedSection>& sections);

  // Totals, a line per run of sections with the same answer, a line per operator.
  std::string summary() const;
  // A line per node of the source model. Throws ToolError where the filter leaves none.
  std::string nodes(const NodeFilter& filter) const;
  // All that is known of the nodes that the filter leaves, a paragraph each.
  std::string details(const NodeFilter& filter) const;
  nlohmann::ordered_json json() const;

 private:
  // What one device has of the variant.
  struct Total {
    std::string device;
    std::size_t sections, nodes;
    double operations;
  };
  std::vector<Total> totals() const;
  std::vector<std::uint32_t> select(const NodeFilter& filter) const;
  bool runs_on(const artifact::OriginRow& row, const std::string& device) const;
  std::string device_totals() const;
  std::string section_lines() const;
  std::string operator_lines() const;
  std::string detail(std::uint32_t row) const;
  std::string title() const;

  const artifact::Artifact& artifact_;
  std::uint32_t signature_, variant_;
  const rdu_graph& graph_;
  std::vector<const PlacedSection*> sections_;
  std::vector<std::string> devices_;    // in the order of their first section
  std::vector<std::string> device_of_;  // by node
  std::vector<double> operations_;      // by node
  std::vector<artifact::OriginRow> rows_;
};

// "3.63 G".
std::string quantity_text(double count);

}  // namespace rdu::tool
