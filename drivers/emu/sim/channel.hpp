// A bounded queue between one writer and one reader: elements go forward with their times, credits come back with theirs.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>

#include "drivers/emu/sim/ring.hpp"
#include "drivers/emu/sim/stamps.hpp"

namespace rdu_hw::sim {

class Unit;

// Greatest depth, and greatest number of firings per element: their product still counts firings.
inline constexpr std::int64_t kMaxDepth = std::int64_t{1} << 31;
inline constexpr std::int64_t kMaxPeriod = std::int64_t{1} << 31;

struct ChannelSpec {
  std::string name;
  std::int64_t depth = 16;  // elements sent and not yet taken, 1 … kMaxDepth
  Time latency = 1;         // an element sent at t can be taken at t + latency; ≥ 0
  Time credit_latency =
      1;  // a slot whose element is taken at t can be sent into at t + credit_latency; ≥ 0
  bool endless = false;  // times only, never full: there are no credits, whatever the depth
};

// Element n may be sent at s(n) ≥ r(n − depth) + credit_latency and taken at r(n) ≥ s(n) + latency; both s and r never fall.
// All slots are free from time 0 on.
class Channel {
 public:
  // Without a ring, elements are times only.
  explicit Channel(ChannelSpec spec, Ring* ring = nullptr);
  Channel(const Channel&) = delete;
  Channel& operator=(const Channel&) = delete;

  // Whom to wake and whom to name when nothing moves; an end that is an arbiter's, or a test's, stays null.
  void connect(Unit* writer, Unit* reader);
  // Tokens of a cycle: elements that are there, to be taken from `at` on, before anything is sent.
  void preload(std::int64_t count, Time at = 0);

  // The writer's end. What it may send now: when each free slot became free.
  const Stamps& credits() const { return credits_; }
  // As many as there are credits for, cut at the ring's end.
  std::int64_t room() const { return cut(sent_, credits_.size()); }
  // The bytes of the next `count` ≤ room() elements, to be written before send().
  std::span<std::byte> back(std::int64_t count) { return elements(sent_, count); }
  // Sends one element at each of the times first, first + stride, … of `times`.
  void send(const Stamps& times, std::int64_t first = 0, std::int64_t stride = 1);

  // The reader's end. What it may take now: when each element is there.
  const Stamps& arrivals() const { return arrivals_; }
  std::int64_t ready() const { return cut(taken_, arrivals_.size()); }
  // The bytes of the first `count` ≤ ready() elements, valid until take().
  std::span<const std::byte> front(std::int64_t count) { return elements(taken_, count); }
  void take(const Stamps& times, std::int64_t first = 0, std::int64_t stride = 1);

  // Wakes a reader that is blocked on this channel: what it waits for is more than elements.
  void nudge() const;

  const ChannelSpec& spec() const { return spec_; }
  const Unit* writer() const { return writer_; }
  const Unit* reader() const { return reader_; }
  std::int64_t sent() const { return sent_; }
  std::int64_t taken() const { return taken_; }

 private:
  std::int64_t cut(std::int64_t n, std::int64_t count) const {
    return ring_ == nullptr ? count : ring_->contiguous(n, count);
  }
  std::span<std::byte> elements(std::int64_t n, std::int64_t count) {
    return ring_ == nullptr ? std::span<std::byte>() : ring_->elements(n, count);
  }

  ChannelSpec spec_;
  Ring* ring_;
  Unit* writer_ = nullptr;
  Unit* reader_ = nullptr;
  Stamps credits_;
  Stamps arrivals_;
  std::int64_t sent_ = 0;
  std::int64_t taken_ = 0;
};

}  // namespace rdu_hw::sim
