// Links: each port at the end of exactly one, routes that are trees, and no wire used twice.
#include <algorithm>
#include <array>
#include <vector>

#include "drivers/image/checks.hpp"
#include "drivers/image/route.hpp"

namespace rdu_hw::image {
namespace {

constexpr auto kValue = RDU_HW_IMAGE_ERR_VALUE;
constexpr auto kConflict = RDU_HW_IMAGE_ERR_CONFLICT;
constexpr std::uint32_t kMaxDepth = 1u << 31;
constexpr std::uint32_t kMaxPace = 0x7fffffffu;

class Checker {
 public:
  Checker(const rdu_hw_image& image, std::uint32_t section)
      : image_(image), section_(section), connected_(num_ports(), false) {}

  void run() {
    const rdu_hw_range links = image_.sections[section_].links;
    for (std::uint32_t i = 0; i < links.count; ++i) {
      const Place place = Place().in("section", section_).in("link", i);
      const rdu_hw_link& link = image_.links[links.first + i];
      demand_within<std::uint32_t>(link.kind, 0, RDU_HW_CONTROL, kValue, place, "kind");
      check_end(link.source, RDU_HW_OUTPUT, link, i, place);
      check_sinks(link, i, place);
      check_hops(link, place);
    }
    for_each_context(image_, section_, [&](const ContextView& context) {
      for (std::uint32_t i = 0; i < context.record.ports.count; ++i) {
        demand(connected_[port_index(context, i)], kConflict, context.place.in("port", i), "link",
               "one that ends here", context.ports()[i].link);
      }
    });
    check_wires();
  }

 private:
  std::uint32_t first_port() const {
    const rdu_hw_range contexts = image_.sections[section_].contexts;
    return contexts.count == 0 ? 0 : image_.contexts[contexts.first].ports.first;
  }
  std::uint32_t num_ports() const {
    const rdu_hw_range contexts = image_.sections[section_].contexts;
    if (contexts.count == 0) return 0;
    const rdu_hw_range last = image_.contexts[contexts.first + contexts.count - 1].ports;
    return last.first + last.count - first_port();
  }
  std::uint32_t port_index(const ContextView& context, std::uint32_t port) const {
    return context.record.ports.first + port - first_port();
  }

  void check_end(const rdu_hw_end& end, rdu_hw_direction direction, const rdu_hw_link& link,
                 std::uint32_t number, const Place& place) {
    demand_number(end.context, image_.sections[section_].contexts.count, place, "context");
    const ContextView context = context_view(image_, section_, end.context);
    demand_number(end.port, context.record.ports.count, place, "port");
    const rdu_hw_port& port = context.ports()[end.port];
    demand_equal(port.direction, direction, kConflict, place, "direction of the port");
    demand_equal(port.kind, link.kind, kConflict, place, "kind of the port");
    demand_equal(port.link, number, kConflict, place, "link of the port");
    const std::uint32_t index = port_index(context, end.port);
    demand(!connected_[index], kConflict, place, "port", "one that nothing else is linked to",
           end.port);
    connected_[index] = true;
  }

  void check_sinks(const rdu_hw_link& link, std::uint32_t number, const Place& place) {
    demand(link.sinks.count != 0, kConflict, place, "sinks", "at least one", 0);
    for (std::uint32_t i = 0; i < link.sinks.count; ++i) {
      const rdu_hw_sink& sink = image_.sinks[link.sinks.first + i];
      const Place at = place.in("sink", i);
      check_end(sink.end, RDU_HW_INPUT, link, number, at);
      demand_within<std::uint32_t>(sink.depth, 1, kMaxDepth, kValue, at, "depth");
      demand_within<std::uint32_t>(link.initial, 0, sink.depth, kConflict, at, "initial");
      if (sink.hop != RDU_HW_NONE) demand_number(sink.hop, link.hops.count, at, "hop");
      check_pace(sink, link, at);
    }
  }

  static void check_pace(const rdu_hw_sink& sink, const rdu_hw_link& link, const Place& at) {
    if (sink.pace_group == 0) {
      demand_equal(sink.pace_tokens, 0, kValue, at, "pace_tokens");
      demand_equal(sink.pace_step, 0, kValue, at, "pace_step");
      demand_equal(sink.pace_per, 0, kValue, at, "pace_per");
      demand_equal(sink.pace_lead, 0, kValue, at, "pace_lead");
      return;
    }
    demand_equal(link.kind, RDU_HW_CONTROL, kConflict, at, "kind of a link that is paced");
    demand_equal(link.initial, 0, kConflict, at, "initial of a link that is paced");
    demand_equal(sink.depth, 1, kValue, at, "depth");
    demand_within<std::uint32_t>(sink.pace_group, 1, kMaxPace, kValue, at, "pace_group");
    demand_within<std::uint32_t>(sink.pace_tokens, 0, kMaxPace, kValue, at, "pace_tokens");
    demand_within<std::uint32_t>(sink.pace_step, 0, kMaxPace, kValue, at, "pace_step");
    demand_within<std::uint32_t>(sink.pace_per, 1, kMaxPace, kValue, at, "pace_per");
  }

  void check_hops(const rdu_hw_link& link, const Place& place) const {
    const auto hops = ContextView::of(image_.hops, link.hops);
    std::vector<bool> used(hops.size(), false);
    for (std::uint32_t i = 0; i < hops.size(); ++i) {
      const rdu_hw_hop& hop = hops[i];
      const Place at = place.in("hop", i);
      demand_within<std::uint32_t>(hop.side, 0, RDU_HW_SIDE_SOUTH, kValue, at, "side");
      Switch from = {link.entry_row, link.entry_column};
      if (hop.parent != RDU_HW_NONE) {
        demand_number(hop.parent, i, at, "parent");
        from = end_of(hops[hop.parent]);
        used[hop.parent] = true;
      }
      demand_equal(hop.row, from.row, kConflict, at, "row");
      demand_equal(hop.column, from.column, kConflict, at, "column");
    }
    for (const rdu_hw_sink& sink : ContextView::of(image_.sinks, link.sinks)) {
      if (sink.hop != RDU_HW_NONE) used[sink.hop] = true;
    }
    for (std::uint32_t i = 0; i < hops.size(); ++i) {
      demand(used[i], kConflict, place.in("hop", i), "end", "a sink or another hop", 0);
    }
  }

  void check_wires() const {
    struct Wire {
      std::array<std::uint32_t, 5> name;  // kind, row, column, side, number
      Place place;
    };
    std::vector<Wire> wires;
    const rdu_hw_range links = image_.sections[section_].links;
    for (std::uint32_t i = 0; i < links.count; ++i) {
      const rdu_hw_link& link = image_.links[links.first + i];
      for (std::uint32_t k = 0; k < link.hops.count; ++k) {
        const rdu_hw_hop& hop = image_.hops[link.hops.first + k];
        wires.push_back({{link.kind, hop.row, hop.column, hop.side, hop.number},
                         Place().in("section", section_).in("link", i).in("hop", k)});
      }
    }
    std::ranges::stable_sort(wires, {}, &Wire::name);
    const auto twice = std::ranges::adjacent_find(wires, {}, &Wire::name);
    if (twice == wires.end()) return;
    refuse(kConflict, std::next(twice)->place, "number",
           "a wire that is not used by " + twice->place.text(), std::to_string(twice->name.back()));
  }

  const rdu_hw_image& image_;
  std::uint32_t section_;
  std::vector<bool> connected_;
};

}  // namespace

void check_links(const rdu_hw_image& image, std::uint32_t section) {
  Checker(image, section).run();
}

}  // namespace rdu_hw::image
