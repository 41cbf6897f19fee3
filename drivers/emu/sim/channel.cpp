// Sending turns credits into arrivals, taking turns arrivals into credits; each wakes the other end.
#include "drivers/emu/sim/channel.hpp"

#include <cassert>
#include <utility>

#include "drivers/emu/sim/unit.hpp"

namespace rdu_hw::sim {

Channel::Channel(ChannelSpec spec, Ring* ring)
    : spec_(std::move(spec)),
      ring_(ring),
      credits_(Segment{0, 0, spec_.endless ? kMaxDepth : spec_.depth}) {
  assert(spec_.depth >= 1 && spec_.depth <= kMaxDepth);
  assert(spec_.latency >= 0 && spec_.credit_latency >= 0);
  assert(ring == nullptr || (ring->slots() >= spec_.depth && !spec_.endless));
}

void Channel::connect(Unit* writer, Unit* reader) {
  writer_ = writer;
  reader_ = reader;
}

void Channel::preload(std::int64_t count, Time at) {
  assert(sent_ == 0 && count <= spec_.depth);
  credits_.drop(count);
  arrivals_.append(Segment{at, 0, count});
  sent_ = count;
}

void Channel::send(const Stamps& times, std::int64_t first, std::int64_t stride) {
  const std::int64_t before = arrivals_.size();
  arrivals_.append_every(times, first, stride, spec_.latency);
  const std::int64_t count = arrivals_.size() - before;
  if (count == 0) return;
  assert(count <= credits_.size() && times.at(first) >= credits_.front());
  if (!spec_.endless) credits_.drop(count);
  sent_ += count;
  if (reader_ != nullptr) reader_->wake_if_blocked_on(*this);
}

void Channel::take(const Stamps& times, std::int64_t first, std::int64_t stride) {
  if (first >= times.size()) return;
  const std::int64_t count = (times.size() - first + stride - 1) / stride;
  assert(count <= arrivals_.size() && times.at(first) >= arrivals_.front());
  if (!spec_.endless) credits_.append_every(times, first, stride, spec_.credit_latency);
  arrivals_.drop(count);
  taken_ += count;
  if (writer_ != nullptr) writer_->wake_if_blocked_on(*this);
}

void Channel::nudge() const {
  if (reader_ != nullptr) reader_->wake_if_blocked_on(*this);
}

}  // namespace rdu_hw::sim
