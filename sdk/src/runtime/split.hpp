// Spreads the sections of a variant over devices, so that several runs can be at work at once.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "sdk/src/runtime/placement.hpp"

namespace rdu::runtime {

// The device that is first in line for each portable section. Without shares that is device 0; else consecutive ranges
// in the order of the devices, such that the largest of work through share is as small as it can be. `cuts` are the
// devices' own: what is a payload of one of them is not divided.
std::vector<std::uint32_t> homes_of_sections(const VariantSpec& spec, const Shares& shares,
                                             std::span<const std::uint32_t> cuts);

}  // namespace rdu::runtime
