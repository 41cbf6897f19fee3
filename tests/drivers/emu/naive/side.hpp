// A context in time: fires when all that its next firing needs is there.
#pragma once

#include <algorithm>

#include "tests/drivers/emu/naive/context.hpp"
#include "tests/drivers/emu/naive/walk.hpp"

namespace naive {

struct Times {
  std::int64_t firings = 0;
  Time busy = 0, starved = 0, blocked = 0, queued = 0, conflicts = 0;
  Time first = -1, last = -1;
  Time end = 0;  // of the last firing's interval
  // By port: inputs, or what comes before the outputs; then outputs, each sink by itself.
  std::vector<Time> waited;
  friend bool operator==(const Times&, const Times&) = default;
};

// An extent out of its range.
struct BadExtent {};

enum class Wait { kNothing, kElement, kRoom, kQueue };

// What a firing waits for, and which place it has in Times::waited.
struct Lack {
  Wait kind = Wait::kNothing;
  std::size_t place = 0;
};

class Ports;

class Side {
 public:
  // Of the context's ports, the inputs, the outputs or both are this side's.
  enum class Owns { kInputs, kOutputs, kAll };
  Side(const Context& context, Owns owns, Time start);
  virtual ~Side() = default;
  Side(const Side&) = delete;
  Side& operator=(const Side&) = delete;

  virtual bool done() const { return walk_.over(); }
  // One cycle; whether anything happened.
  virtual bool tick(Time now);
  // At the end of a cycle.
  void settle(Time now);
  // No change is to come later than this without another's doing.
  virtual Time latest() const { return free_at_; }
  // All stores are acknowledged by then; kNever while that is not known.
  virtual Time acknowledged() const { return 0; }

  const Times& times() const { return times_; }
  const Context& context() const { return context_; }
  void share(Ports* ports) { shared_ = ports; }
  void fire(Time now);

 protected:
  virtual const Walk& position() const { return walk_; }
  virtual void advance() { walk_.advance(); }
  // Of a side with outputs alone: what comes in their stead of inputs.
  virtual bool has_input(Time) { return true; }
  // Last of all.
  virtual bool has_turn(Time) { return true; }
  // Whether this firing of an output does; of one of its places.
  virtual bool needs_room(std::uint32_t port) const;
  virtual bool has_room(std::uint32_t port, std::size_t sink, Time now) const;
  // The sinks that it waits for, and sends to.
  virtual std::size_t places(std::uint32_t port) const { return context_.to[port].size(); }
  // Computes; the firing's interval.
  virtual Time act(Time now) = 0;
  // What an output sends at the end of an iteration.
  virtual Words sent(std::uint32_t) { return {}; }
  virtual void send(std::uint32_t port, Time now);

  Times times_;

 private:
  Lack lacking(Time now);
  Lack lacking_element(Time now) const;
  Lack lacking_room(Time now) const;
  void read_extents();
  void charge(Time delay);

  const Context& context_;
  Owns owns_;
  Walk walk_;
  Time free_at_;
  Lack lacks_;
  Ports* shared_ = nullptr;
};

// The ports of a PMU for one kind of access: first come, first served.
class Ports {
 public:
  explicit Ports(std::uint32_t count) : free_at_(count, 0) {}

  // In each cycle the contexts come in their order.
  void line_up(Side& side);
  // At the end of a cycle's arrivals.
  bool serve(Time now);
  // A port that is taken now for so long.
  Time latest() const { return *std::ranges::max_element(free_at_); }

 private:
  std::vector<Side*> line_;  // in the order of arrival, then of contexts
  std::vector<Time> free_at_;
};

}  // namespace naive
