// The recurrence of chapter "sim", looked at in every cycle.
#include "tests/drivers/emu/naive/side.hpp"

#include <algorithm>

namespace naive {

Side::Side(const Context& context, Owns owns, Time start)
    : context_(context), owns_(owns), walk_(context.counters()), free_at_(start) {}

bool Side::tick(Time now) {
  if (done() || now < free_at_ || lacking(now).kind != Wait::kNothing) return false;
  if (shared_ != nullptr) {
    shared_->line_up(*this);
    return false;
  }
  fire(now);
  return true;
}

void Side::settle(Time now) {
  if (done() || now < free_at_) return;
  lacks_ = lacking(now);
  if (lacks_.kind == Wait::kNothing) lacks_.kind = Wait::kQueue;
}

Lack Side::lacking(Time now) {
  if (owns_ == Owns::kOutputs) {
    if (!has_input(now)) return {Wait::kElement, 0};
  } else {
    if (const Lack lack = lacking_element(now); lack.kind != Wait::kNothing) return lack;
    read_extents();
  }
  if (owns_ != Owns::kInputs) {
    if (const Lack lack = lacking_room(now); lack.kind != Wait::kNothing) return lack;
  }
  return {has_turn(now) ? Wait::kNothing : Wait::kQueue, 0};
}

Lack Side::lacking_element(Time now) const {
  for (std::uint32_t i = 0; i < context_.ports().size(); ++i) {
    const rdu_hw_port& port = context_.ports()[i];
    if (port.direction != RDU_HW_INPUT || !position().begins(port.level)) continue;
    if (!context_.from[i]->has_element(now)) return {Wait::kElement, i};
  }
  return {};
}

Lack Side::lacking_room(Time now) const {
  std::size_t place = owns_ == Owns::kOutputs ? 1 : 0;
  for (std::uint32_t i = 0; i < context_.ports().size(); ++i) {
    const rdu_hw_port& port = context_.ports()[i];
    if (port.direction == RDU_HW_INPUT) {
      place += owns_ == Owns::kAll;
      continue;
    }
    for (std::size_t sink = 0; sink < places(i); ++sink, ++place) {
      if (needs_room(i) && !has_room(i, sink, now)) return {Wait::kRoom, place};
    }
  }
  return {};
}

bool Side::needs_room(std::uint32_t number) const {
  const rdu_hw_port& port = context_.ports()[number];
  return port.room == RDU_HW_ROOM_FIRST ? position().begins(port.level)
                                        : position().ends(port.level);
}

bool Side::has_room(std::uint32_t port, std::size_t sink, Time now) const {
  return context_.to[port][sink]->has_room(now);
}

void Side::send(std::uint32_t port, Time now) {
  for (Channel* channel : context_.to[port]) channel->send(now, sent(port));
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
    } else if (owns_ != Owns::kInputs && places(i) != 0) {
      send(i, now);
    }
  }
  if (times_.firings++ == 0) times_.first = now;
  times_.last = now;
  times_.busy += interval;
  times_.end = now + interval;
  free_at_ = now + interval;
  lacks_ = {};
  advance();
}

void Side::charge(Time delay) {
  if (delay == 0) return;
  if (lacks_.kind == Wait::kQueue) {
    times_.queued += delay;
    return;
  }
  (lacks_.kind == Wait::kElement ? times_.starved : times_.blocked) += delay;
  times_.waited.resize(std::max(times_.waited.size(), lacks_.place + 1));
  times_.waited[lacks_.place] += delay;
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
