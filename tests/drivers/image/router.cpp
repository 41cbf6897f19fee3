// Routes for programs whose units are placed: columns first, then rows, on the first wires that are free.
#include "tests/drivers/image/router.hpp"

#include <array>
#include <map>
#include <set>

namespace image_test {

using rdu_hw::image::Context;
using rdu_hw::image::Link;
using rdu_hw::image::Section;

namespace {

using Switch = std::pair<std::uint32_t, std::uint32_t>;

Switch switch_of(const Context& context, const rdu_hw_arch& arch) {
  if (rdu_hw_program_unit(context.program) != RDU_HW_UNIT_AGCU)
    return {context.row, context.column};
  Switch at;
  rdu_hw_arch_agcu_switch(&arch, context.row, &at.first, &at.second);
  return at;
}

class Router {
 public:
  explicit Router(const rdu_hw_arch& arch) : arch_(arch) {}

  bool add(Link& link, const Section& section) {
    const Switch entry = switch_of(section.contexts[link.source.context], arch_);
    link.entry_row = entry.first;
    link.entry_column = entry.second;
    link.hops.clear();
    std::map<Switch, std::uint32_t> reached = {{entry, RDU_HW_NONE}};
    for (rdu_hw_sink& sink : link.sinks) {
      const Switch goal = switch_of(section.contexts[sink.end.context], arch_);
      Switch at = entry;
      while (at != goal) {
        const std::uint32_t side = side_towards(at, goal);
        const Switch next = neighbour(at, side);
        if (!reached.contains(next)) {
          const std::uint32_t wire = free_wire(link.kind, at, side);
          if (wire == RDU_HW_NONE) return false;
          link.hops.push_back({at.first, at.second, side, wire, reached.at(at)});
          reached[next] = static_cast<std::uint32_t>(link.hops.size() - 1);
        }
        at = next;
      }
      sink.hop = reached.at(goal);
    }
    return true;
  }

 private:
  static std::uint32_t side_towards(const Switch& at, const Switch& goal) {
    if (at.second != goal.second) {
      return at.second < goal.second ? RDU_HW_SIDE_EAST : RDU_HW_SIDE_WEST;
    }
    return at.first < goal.first ? RDU_HW_SIDE_SOUTH : RDU_HW_SIDE_NORTH;
  }
  static Switch neighbour(const Switch& at, std::uint32_t side) {
    switch (side) {
      case RDU_HW_SIDE_WEST:
        return {at.first, at.second - 1};
      case RDU_HW_SIDE_EAST:
        return {at.first, at.second + 1};
      case RDU_HW_SIDE_NORTH:
        return {at.first - 1, at.second};
      default:
        return {at.first + 1, at.second};
    }
  }
  std::uint32_t free_wire(std::uint32_t kind, const Switch& at, std::uint32_t side) {
    const std::uint32_t count = kind == RDU_HW_VECTOR   ? arch_.network.vector_links
                                : kind == RDU_HW_SCALAR ? arch_.network.scalar_links
                                                        : arch_.network.control_links;
    for (std::uint32_t wire = 0; wire < count; ++wire) {
      if (used_.insert({kind, at.first, at.second, side, wire}).second) return wire;
    }
    return RDU_HW_NONE;
  }

  const rdu_hw_arch& arch_;
  std::set<std::array<std::uint32_t, 5>> used_;
};

}  // namespace

bool route(Section& section, const rdu_hw_arch& arch) {
  if (arch.network.kind == RDU_HW_NETWORK_IDEAL) return true;
  Router router(arch);
  for (Link& link : section.links) {
    if (!router.add(link, section)) return false;
  }
  return true;
}

}  // namespace image_test
