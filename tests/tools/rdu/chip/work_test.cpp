// Programs out of artifacts and files, the chip that they are for, and the groups that their contexts are in.
#include <catch2/catch.hpp>

#include "sdk/artifact/reader.hpp"
#include "sdk/artifact/writer.hpp"
#include "tests/drivers/image/packages.hpp"
#include "tests/drivers/image/samples.hpp"
#include "tests/support/nine_patterns.hpp"
#include "tests/tools/rdu/chip/works.hpp"
#include "tools/rdu/chip/chip_section.hpp"
#include "tools/rdu/chip/chip_work.hpp"
#include "tools/rdu/error.hpp"

using namespace rdu::tool;
using namespace chip_test;

namespace {

using rdu_hw::image::Program;

// The map for a preset, as a compiler would put it into an artifact.
std::vector<std::uint8_t> map_package(const std::string& chip) {
  const rdu_hw_arch arch = load_chip(chip);
  rdu_hw::image::Package package;
  package.image = write_image(image_test::metapipelined_map(rdu_hw_arch_hash(&arch), 8, 256));
  package.bindings = {rdu_hw::image::bind_value(0, RDU_HW_MOVE_IN, 8192),
                      rdu_hw::image::bind_value(1, RDU_HW_MOVE_OUT, 8192)};
  package.estimated_cycles = 4321;
  return rdu_hw::image::write_package(package);
}

rdu::artifact::ArtifactPtr artifact_with(const std::vector<std::uint8_t>& payload,
                                         const std::string& flags = "") {
  rdu::artifact::Model model = rdu::testing::nine_patterns();
  model.provenance.flags = flags;
  rdu::artifact::Cut& cut = model.signatures[0].variants[0].cuts[1];
  cut.target = "rdu";
  cut.format = "rdu.chip";
  const auto bytes = std::as_bytes(std::span(payload));
  cut.sections[0].payload.assign(bytes.begin(), bytes.end());
  const auto file = rdu::artifact::write_artifact(model);
  REQUIRE(file.ok());
  rdu::artifact::OpenOptions options;
  options.copy = true;
  auto opened = rdu::artifact::open_artifact(std::span<const std::byte>(*file), options);
  REQUIRE(opened.ok());
  return *std::move(opened);
}

std::string refusal(const std::vector<std::uint8_t>& payload, const ChipRequest& request = {}) {
  try {
    chip_work_of(artifact_with(payload), request);
  } catch (const ToolError& error) {
    return error.what();
  }
  return "";
}

}  // namespace

TEST_CASE("an artifact has its programs, the names of its nodes, and a chip that is found") {
  const ChipWork work = chip_work_of(artifact_with(map_package("sara20")), {});
  REQUIRE(work.programs.size() == 1);
  CHECK(work.programs[0].estimated_cycles == 4321);
  CHECK(std::string(work.arch.name) == "sara20");
  const ChipSection section = read_section(work, work.programs[0], 0);
  REQUIRE(section.groups.size() == 2);
  CHECK(section.groups[0].name == work.nodes.at(3));
  CHECK_FALSE(work.nodes[3].empty());
}

TEST_CASE("a preset with the other network is found, too") {
  const ChipWork work =
      chip_work_of(artifact_with(map_package("plasticine?network.kind=ideal")), {});
  CHECK(work.arch.network.kind == RDU_HW_NETWORK_IDEAL);
}

TEST_CASE("another chip is found where the compiler was told of it") {
  const std::string chip = "edge?pcu.lanes=32&network.kind=ideal&schedule=kernel";
  const ChipWork work = chip_work_of(
      artifact_with(map_package(chip), "--dim n=1 --target rdu:sn10 --target rdu:" + chip), {});
  CHECK(work.arch.pcu.lanes == 32);
  CHECK(work.on_chip > 0);
  CHECK(work.on_chip < 1);
  CHECK_THROWS_AS(chip_work_of(artifact_with(map_package(chip), "--target rdu:no?such"), {}),
                  ToolError);
}

TEST_CASE("what is no work for a chip is refused with a reason") {
  ChipRequest request;
  request.variant = 7;
  CHECK(refusal(map_package("sara20"), request) == "variant 7: there are 2, numbered from 0");
  request.variant = 1;
  CHECK(refusal(map_package("sara20"), request).find("was not compiled for a chip") !=
        std::string::npos);
  request.variant = 0;
  request.chip = "sn10";
  CHECK(refusal(map_package("sara20"), request).find("chip sn10: arch_hash: expected") == 0);
  request.chip = "sn11";
  CHECK(refusal(map_package("sara20"), request).find("sn11") != std::string::npos);
  CHECK(refusal(map_package("sara20?pcu.lanes=32")).find("name it with --chip") !=
        std::string::npos);
  std::vector<std::uint8_t> damaged = map_package("sara20");
  damaged[100] ^= 1;
  CHECK(refusal(damaged).find("section 0: ") == 0);
}

TEST_CASE("packages and images stand by themselves") {
  const std::vector<std::uint8_t> package = map_package("sara20");
  CHECK(is_chip_file(std::as_bytes(std::span(package))));
  const ChipWork work = chip_work_of(std::as_bytes(std::span(package)), "a.chip", {});
  CHECK(work.programs[0].package != nullptr);
  CHECK(map_work().programs[0].package == nullptr);
  const std::string other = "RDUCHIPS";
  CHECK_FALSE(is_chip_file(std::as_bytes(std::span(other))));
  CHECK_FALSE(is_chip_file({}));
}

TEST_CASE("a context of a node is called by its role beside it") {
  Program program = image_test::metapipelined_map(0, 8, 256);
  program.sections[0].contexts[3].label = {"block: relu: map", 3};
  program.sections[0].contexts[4].label = {"block: relu: write", RDU_HW_NONE};
  program.sections[0].contexts[5].label = {};
  const ChipWork work = work_of(program, "sara20");
  const ChipSection section = read_section(work, work.programs[0], 0);
  CHECK(section.contexts[3].name == "map");
  CHECK(section.contexts[3].label == "block: relu: map");
  CHECK(section.contexts[4].name == "block: relu: write");
  CHECK(section.contexts[5].name == "read");
}

TEST_CASE("without nodes, contexts of one label belong together") {
  Program program = image_test::metapipelined_map(0, 8, 256);
  for (rdu_hw::image::Context& context : program.sections[0].contexts) {
    context.label = {context.row == 0 ? "north" : "south", RDU_HW_NONE};
  }
  const ChipWork work = work_of(program, "sara20");
  const ChipSection section = read_section(work, work.programs[0], 0);
  CHECK_FALSE(section.by_node);
  REQUIRE(section.groups.size() == 2);
  CHECK(section.groups[0].name == "north");  // the first in the image
  CHECK(section.groups[0].units[RDU_HW_UNIT_PMU] == 1);
  CHECK(section.groups[1].units[RDU_HW_UNIT_AGCU] == 1);
  CHECK(section.units_used[RDU_HW_UNIT_PCU] == 1);
  CHECK(section.units_used[RDU_HW_UNIT_PMU] == 2);
  CHECK(section.scratchpad_bytes == 2 * 2 * 1024);
}
