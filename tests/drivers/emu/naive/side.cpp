// The recurrence of chapter "sim", looked at in every cycle.
#include "tests/drivers/emu/naive/side.hpp"

#include <algorithm>

namespace naive {

Side::Side(const Context& context, Owns owns, Time start)
    : context_(context), owns_(owns), walk_(context.counters()), free_at_(start) {}

bool Side::tick(Time now) {
  if (done() || now < free_at_ || lacking(now) != Wait::kNothing) return false;
  if (shared_ != nullptr) {
    shared_->line_up(*this);
    return false;
  }
  fire(now);
  return true;
}

void Side::settle(Time now) {
  if (done() || now < free_at_) return;
  waits_for_ = lacking(now);
  if (waits_for_ == Wait::kNothing) waits_for_ = Wait::kQueue;
}

Wait Side::lacking(Time now) {
  if (owns_ != Owns::kOutputs) {
    if (elements_lack(now)) return Wait::kElement;
    read_extents();
  }
  if (const Wait wait = waits_first(now); wait != Wait::kNothing) return wait;
  if (owns_ != Owns::kInputs && room_lacks(now)) return Wait::kRoom;
  return waits_last(now);
}

bool Side::elements_lack(Time now) const {
  for (std::uint32_t i = 0; i < context_.ports().size(); ++i) {
    const rdu_hw_port& port = context_.ports()[i];
    if (port.direction != RDU_HW_INPUT || !position().begins(port.level)) continue;
    if (!context_.from[i]->has_element(now)) return true;
  }
  return false;
}

bool Side::room_lacks(Time now) const {
  for (std::uint32_t i = 0; i < context_.ports().size(); ++i) {
    const rdu_hw_port& port = context_.ports()[i];
    if (port.direction != RDU_HW_OUTPUT || sends_itself(i)) continue;
    const bool needs = port.room == RDU_HW_ROOM_FIRST ? position().begins(port.level)
                                                      : position().ends(port.level);
    if (!needs) continue;
    for (const Channel* channel : context_.to[i]) {
      if (!channel->has_room(now)) return true;
    }
  }
  return false;
}

void Side::read_extents() {
  for (std::uint32_t i = 0; i < context_.counters().size(); ++i) {
    const rdu_hw_counter& counter = context_.counters()[i];
    if (counter.extent_from == RDU_HW_EXTENT_CONSTANT || !walk_.begins(i)) continue;
    const Word extent = counter.extent_from == RDU_HW_EXTENT_ARGUMENT
                            ? static_cast<Word>(context_.arguments[counter.source])
                            : context_.input(counter.source, 0);
    if (extent < 1 || extent > counter.extent) throw BadExtent{};
    walk_.set_extent(i, extent);
  }
}

void Side::fire(Time now) {
  charge(now - free_at_);
  const Time interval = act(now);
  // Outputs first, for they may send what an input holds.
  for (std::uint32_t i = context_.ports().size(); i-- > 0;) {
    const rdu_hw_port& port = context_.ports()[i];
    if (!position().ends(port.level)) continue;
    if (port.direction == RDU_HW_INPUT) {
      if (owns_ != Owns::kOutputs) context_.from[i]->take(now);
    } else if (owns_ != Owns::kInputs && !sends_itself(i)) {
      for (Channel* channel : context_.to[i]) channel->send(now, sent(i));
    }
  }
  if (times_.firings++ == 0) times_.first = now;
  times_.last = now;
  times_.busy += interval;
  times_.end = now + interval;
  free_at_ = now + interval;
  waits_for_ = Wait::kNothing;
  advance();
}

void Side::charge(Time delay) {
  if (waits_for_ == Wait::kElement) times_.starved += delay;
  if (waits_for_ == Wait::kRoom) times_.blocked += delay;
  if (waits_for_ == Wait::kQueue) times_.queued += delay;
}

void Ports::line_up(Side& side) {
  if (std::ranges::find(line_, &side) != line_.end()) return;
  line_.push_back(&side);
}

bool Ports::serve(Time now) {
  bool served = false;
  while (!line_.empty()) {
    const auto port = std::ranges::min_element(free_at_);
    if (*port > now) break;
    Side& side = *line_.front();
    line_.erase(line_.begin());
    side.fire(now);
    *port = side.times().end;
    served = true;
  }
  return served;
}

}  // namespace naive
