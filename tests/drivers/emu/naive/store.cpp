// STORE: words gather in bursts, bursts are acknowledged, tokens follow the acknowledgements.
#include <algorithm>
#include <set>
#include <utility>

#include "tests/drivers/emu/naive/agcu.hpp"

namespace naive {

Store::Store(const Context& context, Time start, Memory& memory, const Share& share)
    : Side(context, Owns::kInputs, start),
      region_(context, memory),
      share_(share),
      growing_(context.ports().size()),
      tokens_(context.ports().size()) {}

bool Store::tick(Time now) {
  const bool fired = Side::tick(now);
  return send_tokens(now) || fired;
}

Store::Plan Store::plan() {
  Plan plan;
  const rdu_hw_transfer& record = region_.record();
  std::set<std::uint64_t> open;
  for (const auto& [number, burst] : open_) open.insert(number);
  for (const Region::Lane& lane : region_.lanes(position())) {
    const auto bytes = store_element(record.format, context().input(record.data, lane.number));
    for (std::size_t i = 0; i < bytes.size(); ++i) {
      plan.pieces.push_back({lane.address + i, bytes[i]});
    }
    for (const std::uint64_t number : region_.bursts(lane)) {
      if (std::ranges::find(plan.touched, number) == plan.touched.end()) {
        plan.touched.push_back(number);
      }
      open.insert(number);
    }
  }
  if (!region_.dense()) plan.finished = plan.touched;
  for (const std::uint64_t number : open) {
    if (!region_.dense() || region_.firings_to_last(position(), number) > 0) continue;
    plan.finished.push_back(number);
  }
  return plan;
}

bool Store::has_turn(Time now) {
  const std::size_t fresh = plan().finished.size();
  for (std::size_t i = issued_.size(); i < issued_.size() + fresh; ++i) {
    if (i < static_cast<std::size_t>(share_.slots)) continue;
    const Time there = issued_[i - share_.slots]->there;
    if (there >= now) return false;
  }
  return true;
}

Time Store::act(Time now) {
  const Plan made = plan();
  for (const std::uint64_t number : made.touched) {
    BurstRef& burst = open_[number];
    if (burst != nullptr) continue;
    burst = std::make_shared<Burst>();
    burst->number = number;
    burst->writes = true;
  }
  for (const Burst::Piece& piece : made.pieces) {
    open_[piece.address / region_.tier().burst_bytes()]->pieces.push_back(piece);
  }
  note_tokens(made.touched);
  Time at = now;
  for (const std::uint64_t number : made.finished) {
    const BurstRef burst = open_.extract(number).mapped();
    region_.tier().submit(burst, at++ + context().arch.agcu.dram_cycles, context().number,
                          issued_.size());
    issued_.push_back(burst);
  }
  return std::max<Time>(at - now, 1);
}

void Store::note_tokens(const std::vector<std::uint64_t>& touched) {
  for (std::uint32_t i = 0; i < context().ports().size(); ++i) {
    const rdu_hw_port& port = context().ports()[i];
    if (port.direction == RDU_HW_INPUT) continue;
    for (const std::uint64_t number : touched) growing_[i].push_back(open_[number]);
    if (position().ends(port.level)) tokens_[i].push_back(std::exchange(growing_[i], {}));
  }
}

bool Store::send_tokens(Time now) {
  bool sent = false;
  for (std::uint32_t i = 0; i < tokens_.size(); ++i) {
    while (!tokens_[i].empty()) {
      const bool stored = std::ranges::all_of(
          tokens_[i].front(), [&](const BurstRef& burst) { return burst->there <= now; });
      const bool room = std::ranges::all_of(
          context().to[i], [&](const Channel* channel) { return channel->has_room(now); });
      if (!stored || !room) break;
      for (Channel* channel : context().to[i]) channel->send(now, {});
      tokens_[i].pop_front();
      sent = true;
    }
  }
  return sent;
}

Time Store::acknowledged() const {
  Time last = 0;
  for (const BurstRef& burst : issued_) last = std::max(last, burst->there);
  return last;
}

Time Store::latest() const {
  Time latest = Side::latest();
  for (const BurstRef& burst : issued_) {
    if (burst->there != kNever) latest = std::max(latest, burst->there + 1);
  }
  return latest;
}

}  // namespace naive
