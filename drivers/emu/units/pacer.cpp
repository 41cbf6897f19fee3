// Element j is there when the last token that iteration j needs is.
#include "drivers/emu/units/pacer.hpp"

#include <algorithm>

namespace rdu_hw::emu {
namespace {

constexpr std::int64_t kAhead = 256;

std::int64_t floor_divide(std::int64_t value, std::int64_t divisor) {
  return value / divisor - (value % divisor < 0 ? 1 : 0);
}

}  // namespace

Pacer::Pacer(const rdu_hw_sink& sink, sim::Channel& tokens, sim::Channel& elements, sim::Time start)
    : Unit("the count of " + tokens.spec().name),
      sink_(sink),
      tokens_(tokens),
      elements_(elements),
      latest_(start) {}

std::int64_t Pacer::needed(std::int64_t iteration) const {
  const std::int64_t group = iteration / sink_.pace_group;
  const std::int64_t r = iteration % sink_.pace_group;
  const std::int64_t tokens = sink_.pace_tokens;
  const std::int64_t rows = floor_divide(r * sink_.pace_step + sink_.pace_lead, sink_.pace_per);
  return std::max<std::int64_t>(0, group * tokens + std::min(rows, tokens));
}

sim::Progress Pacer::run() {
  while (elements_.arrivals().size() < kAhead) {
    const std::int64_t missing = needed(elements_.sent()) - tokens_.taken();
    if (missing > tokens_.arrivals().size()) return {sim::Progress::State::kEmpty, &tokens_};
    if (missing > 0) {
      latest_ = std::max(latest_, tokens_.arrivals().at(missing - 1));
      const sim::Stamps taken(sim::Segment{latest_, 0, missing});
      tokens_.take(taken);
    }
    elements_.send(sim::Stamps{latest_});
  }
  return {sim::Progress::State::kFull, &elements_};
}

}  // namespace rdu_hw::emu
