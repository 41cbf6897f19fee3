// Values that sections hand to the next one in scratchpads, and the rows of them that a group of rows needs.
#include <catch2/catch.hpp>

#include "tests/tools/rducc/graphs.hpp"
#include "tests/tools/rducc/target/rdu/lower/chip_run.hpp"
#include "tools/rducc/target/rdu/lower/band.hpp"

using namespace rducc::test;
using rdu_test::ChipRun;
using rdu_test::run_on_chip;
using namespace rducc::rdu::lower;

namespace {

Position along_loop(VariableId id, std::int64_t offset, std::int64_t extent, std::int64_t pitch) {
  Position position;
  position.form.add(id, 1);
  position.form.offset = offset;
  position.extent = extent;
  position.pitch = pitch;
  return position;
}

}  // namespace

TEST_CASE("rows of every plane are a band") {
  // Rows 2 to 4 of planes of 8 × 5, with one above and one below.
  Nest nest;
  const VariableId plane = nest.add_loop(3, false), row = nest.add_loop(5, false),
                   column = nest.add_loop(5, false);
  Touch touch;
  touch.dims = {along_loop(plane, 0, 3, 40), along_loop(row, 1, 8, 5), along_loop(column, 0, 5, 1)};
  const auto band = band_of(nest, touch);
  REQUIRE(band);
  CHECK(band->period == 40);
  CHECK(band->places.first == 5);
  CHECK(band->places.end == 30);
  CHECK(band->periods.size() == 3);
  CHECK(band->size() == 75);

  SECTION("a writer that goes through rows of planes says both as sums") {
    const auto place = place_in(nest, touch, *band);
    REQUIRE(place);
    CHECK_FALSE(place->divides);
    CHECK(place->periods.coef(plane) == 1);
    CHECK(place->places.coef(row) == 5);
    CHECK(place->places.offset == 5);
  }
  SECTION("one that goes through all elements divides") {
    const VariableId all = nest.add_loop(120, false);
    Touch flat;
    flat.dims = {along_loop(all, 0, 120, 1)};
    const auto place = place_in(nest, flat, *band);
    REQUIRE(place);
    CHECK(place->divides);
    CHECK(steps_of(nest, *place, *band) == 3);
  }
}

TEST_CASE("sections hand rows on") {
  // More convolutions than a small chip has room for at once.
  TestGraph g;
  ValueId x = g.input({1, 8, 20, 20});
  constexpr int kLayers = 6;
  for (int i = 0; i < kLayers; ++i) {
    x = conv(g.b(), x, g.weights({8, 8, 3, 3}, static_cast<std::uint32_t>(i + 1)), 1);
  }
  g.output(x);
  const ChipRun apart = run_on_chip(g.variant(), "edge?schedule=kernel");
  const ChipRun together = run_on_chip(g.variant(), "edge?schedule=spatial");
  REQUIRE(together.setup_sections > 1);  // one for each section that keeps weights
  CHECK(together.transfers == 2);        // what enters and what leaves
  CHECK(together.outputs == apart.outputs);
  CHECK(together.cycles < apart.cycles);
}

TEST_CASE("values are handed over sections that do not use them") {
  TestGraph g;
  const ValueId skipped = conv(g.b(), g.input({1, 8, 20, 20}), g.weights({8, 8, 3, 3}, 1), 1);
  ValueId x = skipped;
  constexpr int kLayers = 10;
  for (int i = 0; i < kLayers; ++i) {
    x = conv(g.b(), x, g.weights({8, 8, 3, 3}, static_cast<std::uint32_t>(i + 2)), 1);
  }
  g.output(g.b().elementwise(RDU_DTYPE_F32, {x, skipped}, binary(RDU_OP_ADD)));
  const ChipRun apart = run_on_chip(g.variant(), "edge?grid.columns=8&schedule=kernel");
  const ChipRun together = run_on_chip(g.variant(), "edge?grid.columns=8&schedule=spatial");
  REQUIRE(together.setup_sections > 2);
  CHECK(together.stores == 1);  // what leaves
  CHECK(together.outputs == apart.outputs);
}
