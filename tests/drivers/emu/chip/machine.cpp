// Lays regions out and hands them to the engine.
#include "tests/drivers/emu/chip/machine.hpp"

#include "tests/drivers/emu/naive/host.hpp"

namespace chip_test {

namespace emu = rdu_hw::emu;

Machine::Machine(const rdu_hw_arch& arch, const rdu_hw::image::Program& program, std::uint64_t gap)
    : arch_(arch), image_(image_test::decoded(rdu_hw::image::write_image(program))) {
  REQUIRE(image_test::answer(*image_, arch) == "0");
  std::uint64_t ends[emu::kNumTiers] = {};
  for (std::uint32_t i = 0; i < image_->num_arguments; ++i) {
    const rdu_hw_argument& argument = image_->arguments[i];
    emu::Binding binding;
    if (argument.kind == RDU_HW_ARGUMENT_REGION) {
      std::uint64_t& end = ends[argument.tier];
      end = (end + gap + argument.alignment - 1) / argument.alignment * argument.alignment;
      binding.address = end;
      end += argument.bytes;
    }
    bindings_.push_back(binding);
  }
  for (std::size_t tier = 0; tier < emu::kNumTiers; ++tier) tiers_[tier].resize(ends[tier]);
}

Result Machine::run(const Options& options) {
  const emu::Memory memory[emu::kNumTiers] = {{tiers_[0].data(), tiers_[0].size()},
                                              {tiers_[1].data(), tiers_[1].size()}};
  return emu::run(*image_, arch_, bindings_, memory, options);
}

emu::Report Machine::report(const Options& options) {
  Result result = run(options);
  INFO(result.error);
  REQUIRE(result.ok());
  return result.report;
}

std::byte* Machine::bytes(std::uint32_t argument) {
  return tiers_[image_->arguments[argument].tier].data() + bindings_[argument].address;
}

std::vector<std::byte> Machine::contents() const {
  std::vector<std::byte> all;
  for (const auto& tier : tiers_) all.insert(all.end(), tier.begin(), tier.end());
  for (const emu::Binding& binding : bindings_) {
    const auto* word = reinterpret_cast<const std::byte*>(&binding.word);
    all.insert(all.end(), word, word + sizeof binding.word);
  }
  return all;
}

void Machine::bind_random(std::uint64_t seed) {
  const naive::Bound bound = naive::bind(*image_, seed);
  for (std::uint32_t i = 0; i < image_->num_arguments; ++i) {
    const bool region = image_->arguments[i].kind == RDU_HW_ARGUMENT_REGION;
    bindings_[i].address = region ? bound.arguments[i] : 0;
    bindings_[i].word = region ? 0 : static_cast<std::uint32_t>(bound.arguments[i]);
  }
  for (std::size_t tier = 0; tier < emu::kNumTiers; ++tier) {
    const auto* bytes = reinterpret_cast<const std::byte*>(bound.tiers[tier].data());
    tiers_[tier].assign(bytes, bytes + bound.tiers[tier].size());
  }
}

}  // namespace chip_test
