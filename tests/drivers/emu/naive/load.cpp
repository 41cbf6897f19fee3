// LOAD: one side asks for bursts and holds them, the other waits for them and sends vectors.
#include <algorithm>

#include "tests/drivers/emu/naive/agcu.hpp"

namespace naive {

Request::Request(const Context& context, Time start, Memory& memory, const Share& share)
    : Side(context, Owns::kInputs, start), region_(context, memory), share_(share) {}

SlotRef Request::find_held(std::uint64_t burst) const {
  std::int64_t first = static_cast<std::int64_t>(forgotten_);
  const auto issued = static_cast<std::int64_t>(issued_.size());
  if (!region_.dense()) {
    const std::int64_t room = std::min(share_.slots, share_.entries) - position().lanes();
    first = std::max(first, issued - std::max<std::int64_t>(room, 0));
  }
  for (std::int64_t i = first; i < issued; ++i) {
    if (issued_[i]->burst->number == burst) return issued_[i];
  }
  return nullptr;
}

Request::Plan Request::plan() {
  Plan plan = {{0, position(), region_.lanes(position()), {}}, {}};
  const auto use = [&](std::uint64_t number) {
    const auto is_it = [&](const SlotRef& slot) { return slot->burst->number == number; };
    if (std::ranges::any_of(plan.fetch.slots, is_it)) return;
    SlotRef slot = find_held(number);
    if (slot == nullptr) {
      slot = std::make_shared<Slot>();
      slot->burst = std::make_shared<Burst>();
      slot->burst->number = number;
      slot->last_use = times().firings + region_.firings_to_last(position(), number);
      plan.fresh.push_back(slot);
    }
    plan.fetch.slots.push_back(slot);
  };
  for (const Region::Lane& lane : plan.fetch.lanes) {
    for (const std::uint64_t burst : region_.bursts(lane)) use(burst);
  }
  return plan;
}

std::size_t Request::queue_entries() {
  const std::uint64_t in_a_burst = region_.tier().burst_bytes() / region_.element();
  return static_cast<std::size_t>(share_.slots) * std::max<std::size_t>(in_a_burst, 1);
}

bool Request::has_turn(Time now) {
  const std::uint32_t levels = position().levels();
  bool forgets = region_.dense() && position().begins(levels == 0 ? 0 : levels - 1);
  for (const rdu_hw_port& port : context().ports()) {
    forgets |= !region_.dense() && port.direction == RDU_HW_INPUT && port.kind == RDU_HW_CONTROL &&
               position().begins(port.level);
  }
  if (forgets) forgotten_ = issued_.size();
  const auto asked = static_cast<std::size_t>(times().firings);
  if (asked >= queue_entries()) {
    const std::size_t before = asked - queue_entries();
    if (before >= answered_.size() || answered_[before] >= now) return false;
  }
  const std::size_t fresh = plan().fresh.size();
  for (std::size_t i = issued_.size(); i < issued_.size() + fresh; ++i) {
    if (i < static_cast<std::size_t>(share_.slots)) continue;
    if (issued_[i - share_.slots]->released >= now) return false;
  }
  return true;
}

Time Request::act(Time now) {
  Plan made = plan();
  Time at = now;
  for (const SlotRef& slot : made.fresh) {
    region_.tier().submit(slot->burst, at++ + context().arch.agcu.dram_cycles, context().number,
                          issued_.size());
    issued_.push_back(slot);
  }
  for (const SlotRef& slot : made.fetch.slots) {
    ++slot->users;
    if (!region_.dense()) slot->released = kNever;
  }
  made.fetch.at = now;
  fetches_.push_back(std::move(made.fetch));
  return std::max<Time>(at - now, 1);
}

void Request::release(Time now, std::int64_t firing, const Fetch& fetch) {
  answered_.push_back(now);
  for (const SlotRef& slot : fetch.slots) {
    if (--slot->users == 0 && !region_.dense()) slot->released = now;
  }
  if (!region_.dense()) return;
  for (const SlotRef& slot : issued_) {
    if (slot->last_use == firing) slot->released = now;
  }
}

Time Request::latest() const {
  Time latest = Side::latest();
  if (!answered_.empty()) latest = std::max(latest, answered_.back() + 1);
  for (const SlotRef& slot : issued_) {
    if (slot->released != kNever) latest = std::max(latest, slot->released + 1);
  }
  return latest;
}

Data::Data(const Context& context, Time start, Request& request)
    : Side(context, Owns::kOutputs, start), request_(request) {}

bool Data::has_input(Time now) {
  if (request_.fetches().empty()) return false;
  const Fetch& fetch = request_.fetches().front();
  const bool there = std::ranges::all_of(
      fetch.slots, [&](const SlotRef& slot) { return slot->burst->there <= now; });
  return there && fetch.at < now;
}

Word Data::word(const Fetch& fetch, const Region::Lane& lane) const {
  Region& region = request_.region();
  const std::uint64_t size = region.tier().burst_bytes();
  std::vector<std::uint8_t> bytes;
  for (std::uint64_t i = lane.address; i < lane.address + region.element(); ++i) {
    const auto slot = std::ranges::find_if(
        fetch.slots, [&](const SlotRef& s) { return s->burst->number == i / size; });
    bytes.push_back((*slot)->burst->bytes[i % size]);
  }
  return load_element(region.record().format, bytes.data());
}

Time Data::act(Time now) {
  const Fetch& fetch = request_.fetches().front();
  words_.assign(context().arch.pcu.lanes, 0);
  for (std::uint32_t lane = 0; lane < words_.size(); ++lane) {
    if (fetch.walk.valid(lane)) words_[lane] = request_.region().record().fill;
  }
  for (const Region::Lane& lane : fetch.lanes) words_[lane.number] = word(fetch, lane);
  request_.release(now, times().firings, fetch);
  return 1;
}

Words Data::sent(std::uint32_t port) {
  const std::uint32_t kind = context().ports()[port].kind;
  if (kind == RDU_HW_CONTROL) return {};
  return kind == RDU_HW_SCALAR ? Words{words_[0]} : words_;
}

Time Data::latest() const {
  Time latest = Side::latest();
  for (const Fetch& fetch : request_.fetches()) {
    latest = std::max(latest, fetch.at + 1);
    for (const SlotRef& slot : fetch.slots) {
      if (slot->burst->there != kNever) latest = std::max(latest, slot->burst->there);
    }
  }
  return latest;
}

}  // namespace naive
