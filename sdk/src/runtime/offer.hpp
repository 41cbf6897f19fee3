// What a device is shown of an artifact that was compiled for it.
#pragma once

#include <rdu/plugin.h>

#include <cstdint>
#include <vector>

#include "sdk/src/runtime/placement.hpp"

namespace rdu::runtime {

// What a device would load a portable section from, where the artifact was compiled for its target.
struct Offer {
  const char* format = "rdu.graph";
  rdu_bytes payload = {};
  std::uint64_t hash = 0;
};

// The device's own cut, where the artifact has one with payloads made for it; else 0.
std::uint32_t cut_for(const Device& device, const artifact::VariantInfo& variant);

// One for each portable section. Where no cut is for the device, the hash is of the first that is for its target.
std::vector<Offer> offers(const VariantSpec& spec, const Device& device, std::uint32_t cut);

// Adds the payloads of `cut` whose portable sections the device took, all of them, as steps in order.
void add_payload_steps(const VariantSpec& spec, std::uint32_t cut, std::uint32_t device,
                       const std::vector<SectionPlacement>& sections,
                       std::vector<StepPlacement>& steps);

}  // namespace rdu::runtime
