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
  made_.clear();
  taken_.clear();
  sim::StampsCursor token(tokens_.arrivals());
  bool lacks = false;
  const std::int64_t end = elements_.sent() + kAhead - elements_.arrivals().size();
  for (std::int64_t element = elements_.sent(); element < end; ++element) {
    const std::int64_t missing = needed(element) - tokens_.taken() - taken_.size();
    lacks = missing > tokens_.arrivals().size() - taken_.size();
    if (lacks) break;
    if (missing > 0) {
      token.advance(missing - 1);
      latest_ = std::max(latest_, token.value());
      token.advance(1);
      taken_.append(sim::Segment{latest_, 0, missing});
    }
    made_.append(latest_);
  }
  if (!taken_.empty()) tokens_.take(taken_);
  if (!made_.empty()) elements_.send(made_);
  if (lacks) return {sim::Progress::State::kEmpty, &tokens_};
  return {sim::Progress::State::kFull, &elements_};
}

}  // namespace rdu_hw::emu
