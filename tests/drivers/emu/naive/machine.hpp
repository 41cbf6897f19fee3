// The second engine: ticks every unit of the chip in every cycle.
#pragma once

#include <rdu_hw/config.h>

#include <array>
#include <cstdint>
#include <string>
#include <vector>

#include "tests/drivers/emu/naive/context.hpp"
#include "tests/drivers/emu/naive/side.hpp"

namespace naive {

enum class End { kFinished, kDeadlock, kExtent };

struct SectionTimes {
  Time begin = 0, program_load = 0, argument_load = 0, execution = 0, quiesce = 0;
  friend bool operator==(const SectionTimes&, const SectionTimes&) = default;
};

struct ContextTimes {
  std::uint32_t section = 0;
  std::uint32_t context = 0;  // number in the section
  Times main;
  Times second;  // the drain of a SYSTOLIC, the data side of a LOAD
};

struct Outcome {
  End end = End::kFinished;
  Time cycles = 0;
  std::vector<SectionTimes> sections;  // that were finished, from the first that ran
  std::vector<ContextTimes> contexts;
  std::vector<std::int64_t> elements;  // by link, that its source sent
  Scratchpads scratchpads;             // that any context is on
};

// From address 0 on of each tier, RDU_HW_TIER_; regions lie inside.
using Tiers = std::array<std::vector<std::uint8_t>, 2>;

// Of the chip, when the same image ran on it before.
struct Before {
  Scratchpads scratchpads;
  bool is_set_up = false;
  std::uint32_t loaded = RDU_HW_NONE;  // section whose program is there
};

// A decoded image that is valid for the chip. Results go to `arguments`, stores to `tiers`.
Outcome run(const rdu_hw_image& image, const rdu_hw_arch& arch, Arguments& arguments, Tiers& tiers);
// The same, and what the next run of it finds.
Outcome run(const rdu_hw_image& image, const rdu_hw_arch& arch, Arguments& arguments, Tiers& tiers,
            Before& before);

}  // namespace naive
