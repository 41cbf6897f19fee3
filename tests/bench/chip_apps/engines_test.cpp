// The kernels on the second engine, which ticks every unit in every cycle: the same results in the same cycles.
#include <rdu_hw/config.h>

#include <catch2/catch.hpp>
#include <cstring>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "tests/bench/chip_apps/device.hpp"
#include "tests/bench/chip_apps/report.hpp"
#include "tests/drivers/emu/naive/machine.hpp"

namespace {

using namespace chip_apps;

struct Ticked {
  std::int64_t cycles;
  std::string wrong;
};

Ticked tick(const Case& chosen) {
  base::Result<Program> program = build(*chosen.app, chosen.values, chosen.machine);
  if (!program) FAIL(program.error().message);
  const std::vector<std::uint8_t>& bytes = program->built.image;
  rdu_hw_image* decoded = nullptr;
  REQUIRE(rdu_hw_image_decode(bytes.data(), bytes.size(), &decoded, nullptr) == RDU_HW_IMAGE_OK);
  const std::unique_ptr<rdu_hw_image, void (*)(rdu_hw_image*)> image(decoded, rdu_hw_image_free);

  Device device = load_device(*program->kernel, chosen.machine.arch.dram);
  naive::Arguments arguments(device.addresses.begin(), device.addresses.end());
  naive::Tiers tiers;
  tiers[RDU_HW_TIER_DRAM].resize(device.memory.size());
  std::memcpy(tiers[RDU_HW_TIER_DRAM].data(), device.memory.data(), device.memory.size());
  const naive::Outcome outcome = naive::run(*image, chosen.machine.arch, arguments, tiers);
  REQUIRE(outcome.end == naive::End::kFinished);

  std::memcpy(device.memory.data(), tiers[RDU_HW_TIER_DRAM].data(), device.memory.size());
  for (std::size_t i = 0; i < arguments.size(); ++i) {
    device.words[i] = static_cast<std::uint32_t>(arguments[i]);
  }
  const naive::SectionTimes& section = outcome.sections.front();
  return {section.execution + section.quiesce, find_wrong(device, *program->kernel)};
}

}  // namespace

TEST_CASE("the second engine counts what the first counts") {
  const std::pair<const char*, std::vector<std::string>> cases[] = {
      {"dotproduct", {}},
      {"sumsquare", {"n=500", "ts=30", "op=2"}},
      {"outerproduct", {"n=64", "ts1=16", "ts2=32", "op2=2"}},
      {"tpchq6", {"n=500", "op=2", "chip=plasticine"}},
      {"blackscholes", {"n=512", "ts=64"}},
      {"gemm", {"n=32", "ts=16", "i=2", "j=2"}},
      {"gda", {"c=16", "r=16", "ts=8", "mp2=2", "network=routed"}},
      {"kmeans", {"k=6", "d=8", "n=20", "ts=10", "mp2=2", "mp3=2"}},
      {"logreg", {"d=16", "n=32", "ts=8", "mp=2"}},
      {"sgd", {"d=16", "n=32", "ts=8", "mp2=2"}},
      {"gemm", {"n=32", "ts=16", "metapipe=off"}}};
  for (const auto& [name, settings] : cases) {
    INFO(name);
    base::Result<Case> chosen = read_case(name, settings);
    REQUIRE(chosen.ok());
    const Ticked ticked = tick(*chosen);
    CHECK(ticked.wrong == "");
    base::Result<Measured> measured = measure(*chosen);
    REQUIRE(measured.ok());
    CHECK(ticked.cycles == measured->outcome.cycles());
  }
}
