// A model without any cleverness: every cycle, every unit that can fire does. It shares no line with the simulator.
#include <algorithm>
#include <deque>

#include "tests/drivers/emu/sim/network.hpp"

namespace sim_test {
namespace {

struct Element {
  Time at;
  std::uint64_t value;
};

struct NaiveChannel {
  ChannelPlan plan;
  std::deque<Element> queue;
  std::deque<Time> free_slots;
};

class NaiveUnit {
 public:
  NaiveUnit(const Network& net, int index, std::vector<NaiveChannel>& channels)
      : plan_(net.units[index]), free_at_(plan_.start) {
    for (const int c : net.ports(index)) {
      const bool input = net.is_input(index, static_cast<int>(ports_.size()));
      const ChannelPlan& plan = channels[c].plan;
      ports_.push_back({&channels[c], input, input ? plan.reader_period : plan.writer_period,
                        input || plan.room_at_first});
    }
    seen_.waited.resize(ports_.size());
  }

  bool done() const { return fired() == plan_.firings; }

  // Fires if it can; each unit does so at most once a cycle, because intervals are at least 1.
  bool tick(Time now) {
    if (done() || now < free_at_ || first_lacking(now) >= 0) return false;
    for (const NaivePort& p : ports_) {
      if (!p.input) continue;
      seen_.digest = mixed(seen_.digest, p.channel->queue.front().value);
      if (last_of(p)) {
        p.channel->queue.pop_front();
        p.channel->free_slots.push_back(now + p.channel->plan.credit_latency);
      }
    }
    seen_.digest = mixed(seen_.digest, 0);
    for (const NaivePort& p : ports_) {
      if (p.input || !last_of(p)) continue;
      p.channel->free_slots.pop_front();
      p.channel->queue.push_back({now + p.channel->plan.latency, seen_.digest});
    }
    if (now > free_at_) seen_.waited[lacking_] += now - free_at_;
    seen_.times.push_back(now);
    free_at_ = now + plan_.interval;
    return true;
  }

  // At the end of a cycle: what kept it from firing.
  void settle(Time now) {
    if (!done() && now >= free_at_) lacking_ = first_lacking(now);
  }

  const Observed& seen() const { return seen_; }

 private:
  struct NaivePort {
    NaiveChannel* channel;
    bool input;
    std::int64_t period;
    bool at_first;
  };

  std::int64_t fired() const { return static_cast<std::int64_t>(seen_.times.size()); }
  bool first_of(const NaivePort& p) const { return fired() % p.period == 0; }
  bool last_of(const NaivePort& p) const { return fired() % p.period == p.period - 1; }

  int first_lacking(Time now) const {
    for (std::size_t i = 0; i < ports_.size(); ++i) {
      const NaivePort& p = ports_[i];
      const NaiveChannel& c = *p.channel;
      if (!(p.at_first ? first_of(p) : last_of(p))) continue;
      const bool there = p.input ? !c.queue.empty() && c.queue.front().at <= now
                                 : !c.free_slots.empty() && c.free_slots.front() <= now;
      if (!there) return static_cast<int>(i);
    }
    return -1;
  }

  UnitPlan plan_;
  std::vector<NaivePort> ports_;
  Time free_at_;
  int lacking_ = -1;
  Observed seen_;
};

// After so many quiet cycles nothing is under way any more.
Time longest_delay(const Network& net) {
  Time longest = 0;
  for (const UnitPlan& u : net.units) longest = std::max({longest, u.interval, u.start});
  for (const ChannelPlan& c : net.channels) {
    longest = std::max({longest, c.latency, c.credit_latency, c.tokens_at});
  }
  return longest;
}

}  // namespace

Observations run_naive(const Network& net) {
  std::vector<NaiveChannel> channels;
  for (const ChannelPlan& plan : net.channels) {
    NaiveChannel& c = channels.emplace_back(NaiveChannel{plan, {}, {}});
    for (std::int64_t i = 0; i < plan.tokens; ++i) {
      c.queue.push_back({plan.tokens_at, static_cast<std::uint64_t>(i)});
    }
    c.free_slots.assign(static_cast<std::size_t>(plan.depth - plan.tokens), 0);
  }
  std::vector<NaiveUnit> units;
  for (int u = 0; u < static_cast<int>(net.units.size()); ++u) units.emplace_back(net, u, channels);

  Time quiet_since = 0;
  for (Time now = 0; now - quiet_since <= longest_delay(net) + 1; ++now) {
    for (bool changed = true; changed;) {
      changed = false;
      for (NaiveUnit& unit : units) changed |= unit.tick(now);
      if (changed) quiet_since = now;
    }
    for (NaiveUnit& unit : units) unit.settle(now);
  }
  Observations all;
  for (const NaiveUnit& unit : units) all.push_back(unit.seen());
  return all;
}

}  // namespace sim_test
