// What a host does before a run: places regions in memory, fills them, and binds the arguments.
#pragma once

#include <rdu_hw/config.h>

#include <cstdint>
#include <vector>

#include "tests/drivers/emu/naive/machine.hpp"

namespace naive {

struct Bound {
  Arguments arguments;
  Tiers tiers;

  // The words of a region.
  std::vector<Word> words(const rdu_hw_image& image, std::uint32_t argument) const;
};

// Regions lie one behind another, with gaps, as close as their alignment allows; bytes are random, most words small integers or
// ordinary floats. Scalars are small; those that are extents are within their range, but for a few.
Bound bind(const rdu_hw_image& image, std::uint64_t seed);

}  // namespace naive
