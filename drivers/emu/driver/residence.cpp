// Compares what a run would set up with what is there.
#include "drivers/emu/driver/residence.hpp"

#include <algorithm>
#include <set>
#include <utility>

#include "drivers/emu/chip/phases.hpp"

namespace rdu_hw::emu {
namespace {

SetupInputs::Region region_of(const rdu_hw_argument& argument, const Binding& binding) {
  return {argument.tier, binding.address, argument.bytes};
}

bool meets_any(const std::vector<SetupInputs::Region>& regions, const SetupInputs::Region& bytes) {
  return std::any_of(regions.begin(), regions.end(),
                     [&](const SetupInputs::Region& region) { return region.meets(bytes); });
}

}  // namespace

SetupInputs setup_inputs(std::uint64_t module, const rdu_hw_image& image,
                         std::span<const Binding> bindings) {
  SetupInputs inputs;
  inputs.module = module;
  std::set<std::uint32_t> named;
  for (std::uint32_t s = 0; s < rdu_hw_image_num_setup_sections(&image); ++s) {
    named.merge(arguments_of(image, s));
  }
  for (const std::uint32_t i : named) {
    if (image.arguments[i].kind == RDU_HW_ARGUMENT_REGION) {
      inputs.regions.push_back(region_of(image.arguments[i], bindings[i]));
    } else {
      inputs.words.push_back(bindings[i].word);
    }
  }
  for (std::uint32_t i = 0; i < image.num_arguments; ++i) {
    const rdu_hw_argument& argument = image.arguments[i];
    if (argument.kind != RDU_HW_ARGUMENT_REGION) continue;
    inputs.are_stored_to |= (argument.access & RDU_HW_ACCESS_WRITE) != 0 &&
                            meets_any(inputs.regions, region_of(argument, bindings[i]));
  }
  return inputs;
}

void Residence::begin(SetupInputs inputs, Held& held) {
  const std::lock_guard lock(mutex_);
  if (inputs.module != inputs_.module) held.program = RDU_HW_NONE;
  if (inputs != inputs_ || changed_ || inputs.are_stored_to) held.is_set_up = false;
  inputs_ = std::move(inputs);
  changed_ = false;
}

void Residence::changed(const SetupInputs::Region& bytes) {
  const std::lock_guard lock(mutex_);
  changed_ = changed_ || meets_any(inputs_.regions, bytes);
}

}  // namespace rdu_hw::emu
