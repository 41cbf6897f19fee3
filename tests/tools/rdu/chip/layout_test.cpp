// Nothing lies on anything else, on any chip.
#include <rdu_hw/config.h>

#include <catch2/catch.hpp>
#include <cmath>
#include <set>

#include "tools/rdu/chip/chip_work.hpp"
#include "tools/rdu/chip/mesh_layout.hpp"

using namespace rdu::tool;

namespace {

constexpr double kTiny = 1e-6;

bool apart(const Box& a, const Box& b) {
  return a.x + a.width <= b.x || b.x + b.width <= a.x || a.y + a.height <= b.y ||
         b.y + b.height <= a.y;
}

std::vector<Box> boxes_of(const rdu_hw_arch& arch, const MeshLayout& layout) {
  std::vector<Box> boxes;
  for (std::uint32_t r = 0; r < rdu_hw_arch_mesh_rows(&arch); ++r) {
    for (std::uint32_t c = 0; c < rdu_hw_arch_mesh_columns(&arch); ++c) {
      boxes.push_back(layout.unit(r, c));
    }
  }
  for (std::uint32_t n = 0; n < arch.agcu.count; ++n) boxes.push_back(layout.agcu(n));
  return boxes;
}

}  // namespace

TEST_CASE("units and AGCUs lie beside each other, on the page") {
  const auto chip = GENERATE(as<std::string>(), "edge", "plasticine", "sara20", "sn10", "sn40l",
                             "edge?agcu.count=9&agcu.edges=north,south",
                             "edge?agcu.count=20&agcu.edges=west,east,north,south",
                             "edge?grid.rows=1&grid.columns=2&agcu.count=1");
  INFO(chip);
  const rdu_hw_arch arch = load_chip(chip);
  const MeshLayout layout(arch);
  const std::vector<Box> boxes = boxes_of(arch, layout);
  REQUIRE(boxes.size() == rdu_hw_arch_num_units(&arch) + arch.agcu.count);
  bool good = true;
  for (std::size_t i = 0; i < boxes.size(); ++i) {
    good = good && boxes[i].x > -kTiny && boxes[i].y > -kTiny &&
           boxes[i].x + boxes[i].width < layout.width() + kTiny &&
           boxes[i].y + boxes[i].height < layout.height() + kTiny;
    for (std::size_t k = 0; k < i; ++k) good = good && apart(boxes[i], boxes[k]);
  }
  CHECK(good);
  CHECK(layout.width() < 1700);
  CHECK(layout.height() < 1700);
  CHECK(layout.unit_side() > 12);
}

TEST_CASE("an AGCU stands before its switch") {
  const rdu_hw_arch arch = load_chip("sn10");
  const MeshLayout layout(arch);
  for (std::uint32_t n = 0; n < arch.agcu.count; ++n) {
    std::uint32_t row = 0, column = 0;
    rdu_hw_arch_agcu_switch(&arch, n, &row, &column);
    const Point at = layout.switch_at(row, column);
    CHECK(layout.agcu(n).centre().y == Approx(at.y));
    CHECK((column == 0 ? layout.agcu(n).centre().x < at.x : layout.agcu(n).centre().x > at.x));
  }
}

TEST_CASE("the wires of a side have places of their own, between the units") {
  for (const char* chip : {"edge", "sn40l"}) {
    const rdu_hw_arch arch = load_chip(chip);
    const MeshLayout layout(arch);
    const std::uint32_t links[] = {arch.network.vector_links, arch.network.scalar_links,
                                   arch.network.control_links};
    std::set<long> places;
    std::size_t count = 0;
    for (std::uint32_t kind = 0; kind < 3; ++kind) {
      for (std::uint32_t number = 0; number < links[kind]; ++number) {
        for (const std::uint32_t side : {RDU_HW_SIDE_EAST, RDU_HW_SIDE_WEST}) {
          const double place = layout.wire_offset(kind, side, number);
          places.insert(std::lround(1000 * place));
          ++count;
          CHECK(std::abs(place) < (layout.pitch() - layout.unit_side()) / 2);
        }
      }
    }
    CHECK(places.size() == count);
  }
}
