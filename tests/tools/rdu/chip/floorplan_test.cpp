// Pictures of small works whose every line a person has read, and what holds for all pictures.
#include "tools/rdu/chip/floorplan.hpp"

#include <algorithm>
#include <catch2/catch.hpp>

#include "tests/drivers/image/random_program.hpp"
#include "tests/tools/rdu/chip/works.hpp"
#include "tools/rdu/error.hpp"

using namespace rdu::tool;
using namespace chip_test;

namespace {

bool has_class(const XmlElement& element, const std::string& name) {
  return (" " + element.attribute("class") + " ").find(" " + name + " ") != std::string::npos;
}

std::size_t count(const std::vector<XmlElement>& elements, const std::string& name) {
  return static_cast<std::size_t>(std::ranges::count_if(
      elements, [&](const XmlElement& element) { return has_class(element, name); }));
}

bool has_text(const std::vector<XmlElement>& elements, const std::string& text) {
  return std::ranges::any_of(elements,
                             [&](const XmlElement& element) { return element.text == text; });
}

}  // namespace

TEST_CASE("a map on an ideal network, counted and not") {
  ChipWork work = map_work();
  CHECK(without_style(draw_floorplan(work, {})) == golden("map.svg"));
  work.programs[0].counters = counters_of(*work.programs[0].image);
  CHECK(without_style(draw_floorplan(work, {})) == golden("map_counted.svg"));
}

TEST_CASE("a product with routes") {
  CHECK(without_style(draw_floorplan(systolic_work(), {})) == golden("systolic.svg"));
}

TEST_CASE("names are escaped wherever they stand") {
  ChipWork work = map_work();
  work.nodes = {"", "", "", "a<b> & \"c\" \x01\xff"};
  const std::vector<XmlElement> elements = read_xml(draw_floorplan(work, {}));
  CHECK(has_text(elements, "a<b> & \"c\" \xef\xbf\xbd\xef\xbf\xbd"));
  CHECK(has_text(elements, "map & <more> on edge+"));
}

TEST_CASE("a row is filled as far as its context was busy") {
  ChipWork work = map_work();
  work.programs[0].counters = counters_of(*work.programs[0].image);
  work.programs[0].counters->contexts[3].busy_cycles = 200;  // relu: a quarter of 800
  const std::vector<XmlElement> elements = read_xml(draw_floorplan(work, {}));
  const auto tinted = std::ranges::find_if(elements, [](const XmlElement& element) {
    return has_class(element, "f0") && has_class(element, "tint");
  });
  REQUIRE(tinted != elements.end());
  const double whole = std::stod(tinted->attribute("width"));
  CHECK(std::stod((tinted + 1)->attribute("width")) == Approx(whole / 4).margin(0.01));
}

TEST_CASE("every link but those within a unit is drawn, by its kind") {
  ChipWork work = systolic_work();
  std::vector<XmlElement> elements = read_xml(draw_floorplan(work, {}));
  // One more of each kind is in the key.
  CHECK(count(elements, "vector") == 3 + 1);
  CHECK(count(elements, "control") == 1);
  elements = read_xml(draw_floorplan(map_work(), {}));
  CHECK(count(elements, "vector") == 4 + 1);
  CHECK(count(elements, "control") == 1);  // both stay in their PMU
}

TEST_CASE("sections are chosen, or stacked up to a bound") {
  rdu_hw::image::Program program = [] {
    const rdu_hw_arch arch = load_chip("edge");
    return image_test::random_program(3, arch);
  }();
  const rdu_hw::image::Section one = program.sections[0];
  program.sections.assign(40, one);
  for (std::size_t i = 0; i < 40; ++i) program.sections[i].label.name = "part " + std::to_string(i);
  const ChipWork work = work_of(program, "edge");
  std::vector<XmlElement> elements = read_xml(draw_floorplan(work, {}));
  CHECK(has_text(elements, "section 15 of 40: part 15"));
  CHECK_FALSE(has_text(elements, "section 16 of 40: part 16"));
  CHECK(has_text(elements, "The first 16 of 40 sections."));
  elements = read_xml(draw_floorplan(work, 39));
  CHECK(has_text(elements, "section 39 of 40: part 39"));
  CHECK_FALSE(has_text(elements, "section 0 of 40: part 0"));
  CHECK_THROWS_WITH(draw_floorplan(work, 40), "section 40: there are 40, numbered from 0");
}

TEST_CASE("random programs give the same well-formed picture each time") {
  const auto chip = GENERATE(as<std::string>(), "edge", "edge?network.kind=ideal", "sn10");
  const rdu_hw_arch arch = load_chip(chip);
  for (std::uint64_t seed = 1; seed <= 12; ++seed) {
    INFO(chip << ", seed " << seed);
    ChipWork work = work_of(image_test::random_program(seed, arch), chip);
    work.programs[0].counters = counters_of(*work.programs[0].image);
    const std::string picture = draw_floorplan(work, {});
    CHECK(picture == draw_floorplan(work, {}));
    const std::vector<XmlElement> elements = read_xml(picture);
    const rdu_hw_image& image = *work.programs[0].image;
    CHECK(count(elements, "tint") == image.num_contexts);
  }
}

TEST_CASE("a whole chip in use stays a small file") {
  const auto chip = GENERATE(as<std::string>(), "sn10", "sn40l");
  ChipWork work = full_work(chip);
  work.programs[0].counters = counters_of(*work.programs[0].image);
  const std::string picture = draw_floorplan(work, {});
  const std::vector<XmlElement> elements = read_xml(picture);
  CHECK(count(elements, "seat") == rdu_hw_arch_num_units(&work.arch));
  CHECK(picture.size() < 2'500'000);
}
