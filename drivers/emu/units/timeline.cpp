// Ports with their periods; stretch after stretch where extents come from ports.
#include "drivers/emu/units/timeline.hpp"

#include <algorithm>
#include <cstring>

namespace rdu_hw::emu {

std::vector<Attachment> attach(const Context& context, const std::vector<std::uint32_t>& ports) {
  std::vector<Attachment> attached;
  for (const std::uint32_t i : ports) {
    const bool first = context.port(i).room == RDU_HW_ROOM_FIRST;
    attached.push_back(
        {i, context.channels[i], first ? sim::Port::Need::kFirst : sim::Port::Need::kLast});
  }
  return attached;
}

Timeline::Timeline(const Context& context, World& world, const std::vector<Attachment>& ports)
    : world_(&world),
      context_(&context),
      chain_(context.view.counters()),
      firing_(sim::kUnlimited, 1, world.start),
      places_(context.num_ports()),
      spans_(world.options.most_spans) {
  const auto counters = context.view.counters();
  for (std::uint32_t i = 0; i < counters.size(); ++i) {
    if (counters[i].extent_from == RDU_HW_EXTENT_PORT) dynamic_.push_back({i, counters[i].source});
  }
  if (world.options.granularity > 0) cap_ = world.options.granularity;
  if (is_dynamic() && !world.options.values) {
    world.faults.add(context.number, Failure::kUnsupported,
                     context.name + ": its extents depend on values, and there are none");
  }
  resolve_arguments();
  if (!is_dynamic()) left_ = chain_.period(0);
  for (const Attachment& attached : ports) {
    if (attached.port == RDU_HW_NONE) {
      firing_.add_input(*attached.channels.front());
      levels_.push_back(chain_.levels());
      continue;
    }
    const rdu_hw_port& port = context.port(attached.port);
    const std::int64_t period = chain_.period(port.level);
    places_[attached.port] = firing_.ports().size();
    for (sim::Channel* channel : attached.channels) {
      if (port.direction == RDU_HW_OUTPUT) {
        firing_.add_output(*channel, period, attached.need);
      } else {
        firing_.add_input(*channel, period);
      }
      levels_.push_back(port.level);
    }
  }
}

Timeline::Timeline(const Context& context, World& world, const std::vector<Attachment>& ports,
                   Timeline& leader)
    : Timeline(context, world, ports) {
  leader_ = &leader;
  leader.follower_ = this;
}

Timeline::Timeline(World& world)
    : world_(&world),
      chain_({}),
      firing_(sim::kUnlimited, 1, world.start),
      left_(sim::kUnlimited),
      spans_(world.options.most_spans) {
  if (world.options.granularity > 0) cap_ = world.options.granularity;
}

void Timeline::resolve_arguments() {
  const auto counters = context_->view.counters();
  for (std::uint32_t i = 0; i < counters.size() && !failed_; ++i) {
    if (counters[i].extent_from != RDU_HW_EXTENT_ARGUMENT) continue;
    const auto word = static_cast<std::int32_t>(world_->bindings[counters[i].source].word);
    failed_ = !set_extent(i, word);
  }
}

bool Timeline::set_extent(std::uint32_t counter, std::int64_t value) {
  const std::int64_t most = context_->view.counters()[counter].extent;
  if (value >= 1 && value <= most) {
    chain_.set_extent(counter, value);
    return true;
  }
  world_->faults.add(context_->number, Failure::kExtent,
                     context_->name + ", counter " + std::to_string(counter) +
                         ": extent: expected 1 to " + std::to_string(most) + ", got " +
                         std::to_string(value));
  return false;
}

// Of the counters whose runs begin here; all of them, or none when one is missing.
bool Timeline::read_extents() {
  const auto begins = [&](const Dynamic& d) { return d.counter >= chain_.first_level(); };
  for (const Dynamic& dynamic : dynamic_) {
    if (leader_ != nullptr || !begins(dynamic)) continue;
    missing_ = context_->channels[dynamic.port].front();
    if (missing_->ready() == 0) return false;
  }
  for (const Dynamic& dynamic : dynamic_) {
    if (!begins(dynamic)) continue;
    if (leader_ != nullptr) {
      chain_.set_extent(dynamic.counter, script_[next_extent_++]);
      continue;
    }
    Word word = 0;
    std::memcpy(&word, context_->channels[dynamic.port].front()->front(1).data(), sizeof word);
    failed_ = !set_extent(dynamic.counter, static_cast<std::int32_t>(word));
    if (failed_) return false;
    if (follower_ != nullptr) follower_->script_.push_back(chain_.extent(dynamic.counter));
  }
  return true;
}

// Ports of the stretch's counters turn as ever; an element of an outer port begins in this stretch, or ends in it, or both,
// or it only lasts.
void Timeline::use_ports() {
  const std::uint32_t inner = dynamic_.back().counter;
  for (std::size_t p = 0; p < levels_.size(); ++p) {
    const unsigned level = levels_[p];
    if (level > inner) {
      firing_.set_use(p, chain_.period(level), 0);
      continue;
    }
    const bool begins = level >= chain_.first_level();
    bool ends = true;
    for (unsigned i = level; i < inner; ++i) ends &= chain_.index(i) + 1 == chain_.iterations(i);
    firing_.set_use(p, left_ + (begins ? 0 : 1) + (ends ? 0 : 1), begins ? 0 : 1);
  }
}

void Timeline::open_stretch() {
  if (leader_ != nullptr && next_extent_ == script_.size()) return;
  if (!read_extents()) return;
  if (leader_ != nullptr && next_extent_ == script_.size()) {
    script_.clear();
    next_extent_ = 0;
  }
  left_ = chain_.period(dynamic_.back().counter);
  valid_lanes_ += chain_.lanes_in(dynamic_.back().counter);
  use_ports();
}

std::int64_t Timeline::possible() {
  if (done_ || failed_) return 0;
  if (left_ == 0) open_stretch();
  if (left_ == 0) return 0;
  return std::min({firing_.possible(), left_, cap_});
}

void Timeline::fire(std::int64_t count, Time interval, Time conflicts) {
  firing_.set_interval(interval);
  firing_.fire(count);
  left_ -= count;
  if (left_ == 0) done_ = !is_dynamic() || chain_.first_level() == 0;
  side_.conflicts += conflicts;
  const sim::Stamps& times = firing_.times();
  if (side_.first < 0) side_.first = times.front();
  side_.last = times.back();
  if (world_->options.trace) spans_.add(times, interval);
}

sim::Progress Timeline::progress() const {
  if (done_) return {sim::Progress::State::kDone};
  if (failed_ || (left_ == 0 && leader_ == nullptr))
    return {sim::Progress::State::kEmpty, missing_};
  return firing_.progress();
}

Side Timeline::report() const {
  Side side = side_;
  side.firings = firing_.fired();
  side.queued = firing_.gate_waited();
  for (const sim::Port& port : firing_.ports()) {
    (port.side == sim::Port::Side::kInput ? side.starved : side.blocked) += port.waited;
    side.waited.push_back(port.waited);
  }
  side.busy = side.firings == 0 ? 0 : firing_.busy();
  side.spans = spans_.spans();
  return side;
}

}  // namespace rdu_hw::emu
