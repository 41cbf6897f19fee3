// Links: along the wires of their hops, or through the air where the network is ideal.
#include <algorithm>
#include <array>
#include <cmath>
#include <optional>

#include "tools/rdu/chip/draw.hpp"
#include "tools/rdu/chip/quantity.hpp"

namespace rdu::tool {

namespace {

constexpr std::array<const char*, 3> kKinds = {"vector", "scalar", "control"};

std::string point(Point at) { return px(at.x) + " " + px(at.y); }

class LinkDrawer {
 public:
  LinkDrawer(const FloorplanPage& page, const SectionLink& link, double widest)
      : page_(page),
        image_(*page.program.image),
        link_(link),
        record_(image_.links[link.index]),
        widest_(widest) {}

  void run(Svg& svg) {
    const bool routed = page_.work.arch.network.kind == RDU_HW_NETWORK_ROUTED;
    if (routed) {
      along_wires();
    } else {
      through_the_air();
    }
    const std::uint32_t group = page_.section.contexts[link_.source].group;
    svg.open("path",
             {{"class", std::string("route ") + kKinds[record_.kind] + " " +
                            colour_class(page_.section, group, 's') + (routed ? "" : " far")},
              {"stroke-width", px(width())},
              {"d", path_}});
    svg.title(title());
    svg.close("path");
  }

 private:
  // The coordinate that a wire keeps all its way.
  struct Lane {
    bool horizontal = false;
    double at = 0;
  };

  const rdu_hw_hop& hop(std::uint32_t number) const {
    return image_.hops[record_.hops.first + number];
  }
  Box box_of(std::uint32_t context) const {
    const SectionUnit& unit = page_.section.units[page_.section.contexts[context].unit];
    if (unit.kind != RDU_HW_UNIT_AGCU) return page_.layout.unit(unit.row, unit.column);
    Box pill = page_.layout.agcu(unit.row);  // it has no corners: lines come to its middle
    return {pill.x, pill.y + pill.height / 2, pill.width, 0};
  }

  Lane lane(std::uint32_t number) const {
    const rdu_hw_hop& of = hop(number);
    const Point from = page_.layout.switch_at(of.row, of.column);
    const double offset = page_.layout.wire_offset(record_.kind, of.side, of.number);
    const bool horizontal = of.side == RDU_HW_SIDE_WEST || of.side == RDU_HW_SIDE_EAST;
    return {horizontal, (horizontal ? from.y : from.x) + offset};
  }
  Point begin_switch(std::uint32_t number) const {
    return page_.layout.switch_at(hop(number).row, hop(number).column);
  }
  Point end_switch(std::uint32_t number) const {
    Point at = begin_switch(number);
    const std::uint32_t side = hop(number).side;
    const double step = page_.layout.pitch();
    if (side == RDU_HW_SIDE_WEST) at.x -= step;
    if (side == RDU_HW_SIDE_EAST) at.x += step;
    if (side == RDU_HW_SIDE_NORTH) at.y -= step;
    if (side == RDU_HW_SIDE_SOUTH) at.y += step;
    return at;
  }
  static Point on(const Lane& lane, Point at) {
    return lane.horizontal ? Point{at.x, lane.at} : Point{lane.at, at.y};
  }

  void move_to(Point to) {
    if (!path_.empty() && to == pen_) return;
    path_ += "M" + point(to);
    pen_ = to;
  }
  void line_to(Point to) {
    if (to == pen_) return;
    if (to.y == pen_.y) {
      path_ += "H" + px(to.x);
    } else if (to.x == pen_.x) {
      path_ += "V" + px(to.y);
    } else {
      path_ += "L" + point(to);
    }
    pen_ = to;
  }

  void along_wires() {
    find_ends();
    const Box source = box_of(link_.source);
    const Point entry = page_.layout.switch_at(record_.entry_row, record_.entry_column);
    for (std::uint32_t i = 0; i < record_.hops.count; ++i) {
      if (hop(i).parent == RDU_HW_NONE) {
        move_to(source.nearest(entry));
        line_to(on(lane(i), entry));
      } else {
        move_to(joint(i));
        line_to(on(lane(i), lane(i).horizontal == lane(hop(i).parent).horizontal ? begin_switch(i)
                                                                                 : joint(i)));
      }
      line_to(ends_[i]);
    }
    for (std::uint32_t s = 0; s < record_.sinks.count; ++s) {
      const rdu_hw_sink& sink = image_.sinks[record_.sinks.first + s];
      const Box target = box_of(sink.end.context);
      if (sink.hop == RDU_HW_NONE) {
        move_to(source.nearest(entry));
        line_to(entry);
        line_to(target.nearest(entry));
      } else {
        const Point at = end_switch(sink.hop);
        move_to(on(lane(sink.hop), at));
        line_to(target.nearest(at));
      }
    }
  }

  // Where a hop leaves its parent's wire: at the switch, or where the two wires cross.
  Point joint(std::uint32_t number) const {
    const Lane own = lane(number), before = lane(hop(number).parent);
    if (own.horizontal == before.horizontal) return on(before, begin_switch(number));
    return own.horizontal ? Point{before.at, own.at} : Point{own.at, before.at};
  }

  // A hop's wire goes as far as its sinks and the hops behind it need.
  void find_ends() {
    std::vector<std::optional<Point>> ends(record_.hops.count);
    const auto reach = [&](std::uint32_t number, Point to) {
      const Point from = begin_switch(number);
      const auto length = [&](Point at) {
        return std::abs(at.x - from.x) + std::abs(at.y - from.y);
      };
      std::optional<Point>& end = ends[number];
      if (!end || length(on(lane(number), to)) > length(*end)) end = on(lane(number), to);
    };
    for (std::uint32_t s = 0; s < record_.sinks.count; ++s) {
      const std::uint32_t number = image_.sinks[record_.sinks.first + s].hop;
      if (number != RDU_HW_NONE) reach(number, end_switch(number));
    }
    for (std::uint32_t i = 0; i < record_.hops.count; ++i) {
      if (hop(i).parent != RDU_HW_NONE) reach(hop(i).parent, joint(i));
    }
    for (std::uint32_t i = 0; i < record_.hops.count; ++i) {
      ends_.push_back(ends[i] ? *ends[i] : on(lane(i), end_switch(i)));
    }
  }

  // An arc for each sink, bent to the right of its way, so that there and back are two.
  void through_the_air() {
    const Box source = box_of(link_.source);
    for (const std::uint32_t sink : link_.sinks) {
      const Box target = box_of(sink);
      const Point from = source.nearest(target.centre()), to = target.nearest(source.centre());
      const Point bend = {(from.x + to.x) / 2 - (to.y - from.y) * 0.12,
                          (from.y + to.y) / 2 + (to.x - from.x) * 0.12};
      path_ += "M" + point(from) + "Q" + point(bend) + " " + point(to);
    }
  }

  // By the square root of what came over the link, so that half as wide is a quarter.
  double width() const {
    const double base = std::clamp(page_.layout.pitch() * 0.02, 0.8, 1.8);
    const double thin = record_.kind == RDU_HW_VECTOR ? 1 : 0.8;
    if (!page_.counted() || widest_ == 0) return base * thin;
    return base * thin * (0.6 + 1.6 * std::sqrt(static_cast<double>(link_.elements) / widest_));
  }

  std::string title() const {
    const auto name = [&](std::uint32_t context) {
      return shorten(page_.section.contexts[context].label, 60);
    };
    std::string text = std::string(kKinds[record_.kind]) + ": " + name(link_.source) + " →";
    constexpr std::size_t kMostSinks = 8;
    for (std::size_t i = 0; i < link_.sinks.size() && i <= kMostSinks; ++i) {
      text += (i == 0 ? " " : ", ") + (i == kMostSinks ? "…" : name(link_.sinks[i]));
    }
    if (page_.work.arch.network.kind == RDU_HW_NETWORK_ROUTED) {
      text +=
          "\n" + std::to_string(record_.hops.count) + (record_.hops.count == 1 ? " hop" : " hops");
    }
    if (page_.counted()) text += "\n" + count_text(link_.elements) + " elements";
    return text;
  }

  const FloorplanPage& page_;
  const rdu_hw_image& image_;
  const SectionLink& link_;
  const rdu_hw_link& record_;
  double widest_;            // elements of the busiest link of the section
  std::vector<Point> ends_;  // of the hops
  std::string path_;
  Point pen_;
};

bool stays_in_its_unit(const ChipSection& section, const SectionLink& link) {
  const std::uint32_t unit = section.contexts[link.source].unit;
  return std::ranges::all_of(
      link.sinks, [&](std::uint32_t sink) { return section.contexts[sink].unit == unit; });
}

}  // namespace

void draw_links(Svg& svg, const FloorplanPage& page) {
  double widest = 0;
  for (const SectionLink& link : page.section.links) {
    widest = std::max(widest, static_cast<double>(link.elements));
  }
  for (const std::uint32_t kind : {RDU_HW_CONTROL, RDU_HW_SCALAR, RDU_HW_VECTOR}) {
    for (const SectionLink& link : page.section.links) {
      if (page.program.image->links[link.index].kind != kind) continue;
      if (stays_in_its_unit(page.section, link)) continue;
      LinkDrawer(page, link, widest).run(svg);
    }
  }
}

}  // namespace rdu::tool
