// What the units of a section share.
#pragma once

#include <rdu_hw/arch.h>

#include <array>
#include <cstdint>
#include <span>
#include <string>

#include "drivers/emu/arith/forms.hpp"
#include "drivers/emu/chip/chip.hpp"
#include "drivers/emu/units/scratchpads.hpp"

namespace rdu_hw::emu {

using arith::Word;

// The first of what went wrong, in the order of contexts: units that fail stand still and the others go on, so that it does
// not depend on the order in which they run.
class Faults {
 public:
  void add(std::uint32_t context, Failure failure, std::string text) {
    if (failure_ != Failure::kNone && context >= context_) return;
    context_ = context;
    failure_ = failure;
    text_ = std::move(text);
  }
  Failure failure() const { return failure_; }
  const std::string& text() const { return text_; }

 private:
  std::uint32_t context_ = 0;
  Failure failure_ = Failure::kNone;
  std::string text_;
};

struct World {
  const rdu_hw_image& image;
  const rdu_hw_arch& arch;
  std::span<Binding> bindings;
  std::array<Memory, kNumTiers> memory;
  const Options& options;
  const arith::Forms& forms;
  Scratchpads& scratchpads;
  Faults faults = {};
  Time start = 0;  // of the section's contexts
};

}  // namespace rdu_hw::emu
