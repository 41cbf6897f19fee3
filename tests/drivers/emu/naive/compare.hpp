// Both engines of the chip on one image: what they differ in.
#pragma once

#include <optional>
#include <string>

#include "drivers/emu/chip/chip.hpp"
#include "tests/drivers/emu/naive/host.hpp"

namespace naive {

struct Reference {
  Bound before, after;
  Outcome outcome;
};

Reference run_reference(const rdu_hw_image& image, const rdu_hw_arch& arch, const Bound& before);

// How a run of the fast engine differs from that: a line for each of the first differences in times, words and bytes, or nothing.
// No answer where it cannot run so: times alone, where they hang on values.
std::optional<std::string> difference(const rdu_hw_image& image, const rdu_hw_arch& arch,
                                      const Reference& reference,
                                      const rdu_hw::emu::Options& options);

}  // namespace naive
