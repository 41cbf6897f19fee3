// FIFOs, and routes from the source's switch to the sinks'.
#include "drivers/image/fit.hpp"
#include "drivers/image/route.hpp"

namespace rdu_hw::image {
namespace {

constexpr auto kFit = RDU_HW_IMAGE_ERR_FIT;

class Fitter {
 public:
  Fitter(const rdu_hw_image& image, std::uint32_t section, const rdu_hw_arch& arch)
      : image_(image), section_(section), arch_(arch) {}

  void run() const {
    const rdu_hw_range links = image_.sections[section_].links;
    for (std::uint32_t i = 0; i < links.count; ++i) {
      const rdu_hw_link& link = image_.links[links.first + i];
      const Place place = Place().in("section", section_).in("link", i);
      fit_fifos(link, place);
      if (arch_.network.kind == RDU_HW_NETWORK_IDEAL) {
        fit_ideal(link, place);
      } else {
        fit_route(link, place);
      }
    }
  }

 private:
  std::uint32_t depth_of(const rdu_hw_link& link, const rdu_hw_end& end) const {
    const rdu_hw_ports& ports = ports_of(arch_, context_view(image_, section_, end.context).unit());
    return link.kind == RDU_HW_VECTOR   ? ports.vector_fifo_depth
           : link.kind == RDU_HW_SCALAR ? ports.scalar_fifo_depth
                                        : ports.control_fifo_depth;
  }

  void fit_fifos(const rdu_hw_link& link, const Place& place) const {
    const auto sinks = ContextView::of(image_.sinks, link.sinks);
    for (std::uint32_t i = 0; i < sinks.size(); ++i) {
      demand_within<std::uint32_t>(sinks[i].depth, 1, depth_of(link, sinks[i].end), kFit,
                                   place.in("sink", i), "depth");
    }
  }

  static void fit_ideal(const rdu_hw_link& link, const Place& place) {
    demand_equal(link.hops.count, 0, kFit, place, "hops in an ideal network");
    demand_equal(link.entry_row, 0, kFit, place, "entry_row");
    demand_equal(link.entry_column, 0, kFit, place, "entry_column");
  }

  std::uint32_t wires_of(std::uint32_t kind) const {
    return kind == RDU_HW_VECTOR   ? arch_.network.vector_links
           : kind == RDU_HW_SCALAR ? arch_.network.scalar_links
                                   : arch_.network.control_links;
  }

  void demand_in_mesh(const Switch& at, const Place& place, const char* row,
                      const char* column) const {
    demand_within<std::uint32_t>(at.row, 0, rdu_hw_arch_mesh_rows(&arch_), kFit, place, row);
    demand_within<std::uint32_t>(at.column, 0, rdu_hw_arch_mesh_columns(&arch_), kFit, place,
                                 column);
  }

  // A PCU and a PMU reach the switches at their four corners, an AGCU the one that it stands at.
  void demand_beside(const Switch& at, const rdu_hw_end& end, const Place& place,
                     const char* field) const {
    const ContextView context = context_view(image_, section_, end.context);
    const rdu_hw_context& record = context.record;
    bool beside = false;
    if (context.unit() == RDU_HW_UNIT_AGCU) {
      Switch own = {};
      rdu_hw_arch_agcu_switch(&arch_, record.row, &own.row, &own.column);
      beside = at.row == own.row && at.column == own.column;
    } else {
      beside = at.row - record.row <= 1 && at.column - record.column <= 1;
    }
    if (beside) return;
    refuse(kFit, place, field, "a switch beside " + context.place.text(),
           "(" + std::to_string(at.row) + ", " + std::to_string(at.column) + ")");
  }

  void fit_route(const rdu_hw_link& link, const Place& place) const {
    const Switch entry = {link.entry_row, link.entry_column};
    demand_in_mesh(entry, place, "entry_row", "entry_column");
    demand_beside(entry, link.source, place, "entry");
    const auto hops = ContextView::of(image_.hops, link.hops);
    for (std::uint32_t i = 0; i < hops.size(); ++i) {
      const Place at = place.in("hop", i);
      demand_in_mesh(end_of(hops[i]), at, "row of its end", "column of its end");
      demand_within<std::uint32_t>(hops[i].number, 0, wires_of(link.kind) - 1, kFit, at, "number");
    }
    const auto sinks = ContextView::of(image_.sinks, link.sinks);
    for (std::uint32_t i = 0; i < sinks.size(); ++i) {
      const bool at_entry = sinks[i].hop == RDU_HW_NONE;
      demand_beside(at_entry ? entry : end_of(hops[sinks[i].hop]), sinks[i].end,
                    place.in("sink", i), "hop");
    }
  }

  const rdu_hw_image& image_;
  std::uint32_t section_;
  const rdu_hw_arch& arch_;
};

}  // namespace

void fit_links(const rdu_hw_image& image, std::uint32_t section, const rdu_hw_arch& arch) {
  Fitter(image, section, arch).run();
}

}  // namespace rdu_hw::image
