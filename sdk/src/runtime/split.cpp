// Weighs the sections, then searches for the smallest load that every device can keep within.
#include "sdk/src/runtime/split.hpp"

#include <algorithm>

#include "sdk/artifact/view.hpp"
#include "sdk/artifact/work.hpp"

namespace rdu::runtime {
namespace {

// Sections that go together, and their work.
struct Group {
  std::uint32_t end_section = 0;
  double work = 0;
};

// Scalar operations, and each element that is written: moving data takes time too.
double work_of(const rdu_graph& graph, const rdu_section& section,
               std::span<const double> operations) {
  double work = 0;
  for (std::uint32_t n = section.first_node; n < section.end_node; ++n) {
    const auto& node = artifact::at<rdu_node>(graph.nodes, n);
    work += operations[n];
    for (const auto& write :
         artifact::slice<rdu_write>(graph.writes, node.first_write, node.num_writes)) {
      const auto& value = artifact::at<rdu_value>(graph.values, write.value);
      double elements = 1;
      for (std::uint32_t d = 0; d < value.rank; ++d) elements *= static_cast<double>(value.dims[d]);
      work += elements;
    }
  }
  return work;
}

bool ends_payload(const VariantSpec& spec, std::span<const std::uint32_t> cuts,
                  std::uint32_t end_node) {
  return std::ranges::all_of(cuts, [&](std::uint32_t cut) {
    return std::ranges::all_of(spec.info->cuts[cut].sections, [&](const auto& section) {
      return section.payload.empty() || end_node <= section.first_node ||
             end_node >= section.end_node;
    });
  });
}

std::vector<Group> group_sections(const VariantSpec& spec, std::span<const std::uint32_t> cuts) {
  const std::vector<double> operations = artifact::node_operations(*spec.graph);
  std::vector<Group> groups;
  bool begins = true;
  for (std::uint32_t s = 0; s < spec.graph->sections.count; ++s) {
    const auto& section = artifact::at<rdu_section>(spec.graph->sections, s);
    if (begins) groups.emplace_back();
    groups.back().end_section = s + 1;
    groups.back().work += work_of(*spec.graph, section, operations);
    begins = ends_payload(spec, cuts, section.end_node);
  }
  return groups;
}

// The device of each group where each takes as many as stay within `load` times its share, and the last the rest.
// Empty: they do not.
std::vector<std::uint32_t> fill(std::span<const Group> groups, const Shares& shares, double load) {
  std::vector<std::uint32_t> homes;
  for (std::uint32_t d = 0; d < shares.size(); ++d) {
    double left = load * shares[d];
    while (shares[d] != 0 && homes.size() < groups.size() && groups[homes.size()].work <= left) {
      left -= groups[homes.size()].work;
      homes.push_back(d);
    }
  }
  if (homes.size() < groups.size()) homes.clear();
  return homes;
}

std::vector<std::uint32_t> balance(std::span<const Group> groups, const Shares& shares) {
  double all = 0;
  for (const Group& group : groups) all += group.work;
  constexpr int kSteps = 60;
  double low = 0, high = all + 1;
  std::vector<std::uint32_t> best = fill(groups, shares, high);
  for (int step = 0; step < kSteps; ++step) {
    const double load = (low + high) / 2;
    auto homes = fill(groups, shares, load);
    if (homes.empty()) {
      low = load;
    } else {
      high = load;
      best = std::move(homes);
    }
  }
  return best;
}

}  // namespace

std::vector<std::uint32_t> homes_of_sections(const VariantSpec& spec, const Shares& shares,
                                             std::span<const std::uint32_t> cuts) {
  std::vector<std::uint32_t> homes(spec.graph->sections.count, 0);
  if (shares.empty() || homes.empty()) return homes;
  const std::vector<Group> groups = group_sections(spec, cuts);
  const std::vector<std::uint32_t> of_groups = balance(groups, shares);
  std::uint32_t next = 0;
  for (std::size_t g = 0; g < groups.size(); ++g) {
    for (; next < groups[g].end_section; ++next) homes[next] = of_groups[g];
  }
  return homes;
}

}  // namespace rdu::runtime
