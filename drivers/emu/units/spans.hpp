// When a side was busy, in a bounded number of spans.
#pragma once

#include <cstddef>
#include <vector>

#include "drivers/emu/chip/chip.hpp"
#include "drivers/emu/sim/stamps.hpp"

namespace rdu_hw::emu {

// Spans that touch become one; so do those with the smallest gaps between them, once there are too many.
class Spans {
 public:
  // Two at least.
  explicit Spans(std::size_t most) : most_(most < 2 ? 2 : most) {}

  void add(const sim::Stamps& times, Time interval);
  const std::vector<Span>& spans() const { return spans_; }

 private:
  void add(Span span);
  void thin_out();

  std::size_t most_;
  std::vector<Span> spans_;
  Time gap_ = 0;  // what is bridged
};

}  // namespace rdu_hw::emu
