// A queue with credits, or a count of tokens.
#include "tests/drivers/emu/naive/channel.hpp"

#include <algorithm>

namespace naive {
namespace {

bool counts(const Channel& channel) { return channel.sink.pace_group != 0; }

// Tokens that must have come before iteration j.
std::int64_t needed(const rdu_hw_sink& sink, std::int64_t j) {
  const std::int64_t g = j / sink.pace_group;
  const std::int64_t r = j % sink.pace_group;
  const std::int64_t dividend = r * sink.pace_step + sink.pace_lead;
  const std::int64_t per = sink.pace_per;
  const std::int64_t floor = dividend / per - (dividend % per < 0 ? 1 : 0);
  const std::int64_t tokens = sink.pace_tokens;
  return std::max<std::int64_t>(0, g * tokens + std::min(floor, tokens));
}

}  // namespace

bool Channel::has_element(Time now) const {
  const std::int64_t count = counts(*this) ? needed(sink, taken) : 1;
  if (count == 0) return true;
  return static_cast<std::int64_t>(elements.size()) >= count && elements[count - 1].at <= now;
}

bool Channel::has_room(Time now) const {
  return counts(*this) || (!credits.empty() && credits.front() <= now);
}

void Channel::send(Time now, Words words) {
  ++sent;
  if (!counts(*this)) credits.pop_front();
  elements.push_back({now + latency, std::move(words)});
}

void Channel::take(Time now) {
  ++taken;
  if (counts(*this)) return;
  elements.pop_front();
  credits.push_back(now + credit_latency);
}

Time Channel::latest() const {
  const Time element = elements.empty() ? 0 : elements.back().at;
  return credits.empty() ? element : std::max(element, credits.back());
}

}  // namespace naive
