// The second engine on the classic kernels: right results, and the fast engine's cycles.
#include <catch2/catch.hpp>
#include <cstring>
#include <sstream>

#include "tests/bench/chip_apps/build.hpp"
#include "tests/bench/chip_apps/device.hpp"
#include "tests/drivers/emu/naive/compare.hpp"
#include "tests/drivers/image/support.hpp"

namespace {

using chip_apps::Device;

// A device's memory as the second engine has it.
naive::Bound bound_of(const Device& device) {
  naive::Bound bound;
  const auto* bytes = reinterpret_cast<const std::uint8_t*>(device.memory.data());
  bound.tiers[RDU_HW_TIER_DRAM].assign(bytes, bytes + device.memory.size());
  bound.arguments = device.addresses;
  return bound;
}

void take_back(Device& device, const naive::Bound& bound, const rdu_hw_image& image) {
  const auto& bytes = bound.tiers[RDU_HW_TIER_DRAM];
  std::memcpy(device.memory.data(), bytes.data(), bytes.size());
  for (std::uint32_t i = 0; i < image.num_arguments; ++i) {
    if (image.arguments[i].kind != RDU_HW_ARGUMENT_SCALAR) continue;
    device.words[i] = static_cast<std::uint32_t>(bound.arguments[i]);
  }
}

// "NAME key=value…"
void check(const std::string& line) {
  INFO(line);
  std::istringstream text(line);
  std::vector<std::string> words;
  for (std::string word; text >> word;) words.push_back(word);
  const chip_apps::App* app = chip_apps::find_app(words.front());
  REQUIRE(app != nullptr);
  words.erase(words.begin());
  auto settings = chip_apps::read_settings(words);
  REQUIRE(settings);
  const auto machine = chip_apps::take_machine(*settings);
  REQUIRE(machine);
  const auto values = chip_apps::take_values(app->parameters, *settings);
  REQUIRE(values);
  const auto program = chip_apps::build(*app, *values, *machine);
  REQUIRE(program);
  const auto image = image_test::decoded(program->built.image);
  Device device = chip_apps::load_device(*program->kernel, machine->arch.dram);
  const auto reference = naive::run_reference(*image, machine->arch, bound_of(device));
  take_back(device, reference.after, *image);
  CHECK(chip_apps::find_wrong(device, *program->kernel) == "");
  for (const std::int64_t granularity : {0, 1}) {
    rdu_hw::emu::Options options;
    options.granularity = granularity;
    CHECK(naive::difference(*image, machine->arch, reference, options) == "");
  }
}

}  // namespace

TEST_CASE("kernels are right on the second engine, and take the same cycles on both") {
  for (const char* const line :
       {"dotproduct n=1000 ts=48 ip=8 op=3", "sumsquare n=1000 ts=30 ip=5 op=3",
        "outerproduct n=64 ts1=16 ts2=16 op1=2 op2=2 chip=plasticine",
        "tpchq6 n=777 ts=50 ip=3 op=2 network=routed", "blackscholes n=500 ts=50 ip=3",
        "gemm n=33 ts=9 ip=4 i=2 j=2 chip=plasticine", "gda c=20 r=30 ts=8 ip=8 op=2 mp1=2 mp2=3",
        "kmeans k=5 d=7 n=30 ts=8 it=2 ip=3 op=2 mp1=2 mp2=2 mp3=2",
        "logreg d=10 n=50 ts=8 it=2 op=2 mp=3", "sgd d=10 n=30 ts=8 e=2 ip=3 mp1=2 mp2=2",
        "sgd d=5 n=20 ts=20 e=1 metapipe=off"}) {
    check(line);
  }
}
