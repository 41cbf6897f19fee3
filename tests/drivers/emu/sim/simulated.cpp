// The same networks on the simulator, values included.
#include <catch2/catch.hpp>
#include <cstring>
#include <map>
#include <memory>
#include <string>
#include <utility>

#include "drivers/emu/sim/firing.hpp"
#include "drivers/emu/sim/schedule.hpp"
#include "tests/drivers/emu/sim/network.hpp"

namespace sim_test {
namespace {

using rdu_hw::sim::Channel;
using rdu_hw::sim::Firing;
using rdu_hw::sim::Port;
using rdu_hw::sim::Progress;
using rdu_hw::sim::Ring;
using rdu_hw::sim::Schedule;
using rdu_hw::sim::Segment;
using rdu_hw::sim::Unit;

constexpr std::size_t kElementBytes = sizeof(std::uint64_t);

class MixingUnit : public Unit {
 public:
  MixingUnit(int index, const UnitPlan& plan, Manner manner)
      : Unit("u" + std::to_string(index)),
        firing(plan.firings, plan.interval, plan.start),
        manner_(manner),
        random_(manner.shuffle_seed + static_cast<std::uint64_t>(index)) {}

  Progress run() override {
    cut();
    while (const std::int64_t count = firing.possible()) {
      if (manner_.values) compute(count);
      firing.fire(count);
      for (const Segment& s : firing.times().segments()) {
        for (std::int64_t i = 0; i < s.count; ++i) seen.times.push_back(s.at(i));
      }
      cut();
    }
    return firing.progress();
  }
  Time now() const override { return firing.ready(); }

  Firing firing;
  Observed seen;

 private:
  void cut() {
    const bool random = manner_.shuffle_seed != 0;
    firing.set_granularity(random ? random_.in(1, std::min<Time>(manner_.granularity, 50))
                                  : manner_.granularity);
  }

  void compute(std::int64_t count) {
    for (std::int64_t i = 0; i < count; ++i) {
      for (const Port& p : firing.ports()) {
        if (p.side == Port::Side::kInput) read(p, (p.position + i) / p.period);
      }
      seen.digest = mixed(seen.digest, 0);
      for (const Port& p : firing.ports()) {
        const std::int64_t element = (p.position + i) / p.period;
        const bool last = (p.position + i) % p.period == p.period - 1;
        if (p.side == Port::Side::kOutput && last) write(p, element);
      }
    }
  }
  void read(const Port& p, std::int64_t element) {
    std::uint64_t value;
    const auto bytes = p.channel->front(element + 1);
    std::memcpy(&value, bytes.data() + static_cast<std::size_t>(element) * kElementBytes,
                kElementBytes);
    seen.digest = mixed(seen.digest, value);
  }
  void write(const Port& p, std::int64_t element) {
    const auto bytes = p.channel->back(element + 1);
    std::memcpy(bytes.data() + static_cast<std::size_t>(element) * kElementBytes, &seen.digest,
                kElementBytes);
  }

  Manner manner_;
  Random random_;
};

class Simulation {
 public:
  Simulation(const Network& net, Manner manner) : net_(net), manner_(manner) {
    for (std::size_t c = 0; c < net.channels.size(); ++c) add_channel(static_cast<int>(c));
    for (std::size_t u = 0; u < net.units.size(); ++u) add_unit(static_cast<int>(u));
    for (std::size_t c = 0; c < net.channels.size(); ++c) {
      channels_[c]->connect(units_[net.channels[c].writer].get(),
                            units_[net.channels[c].reader].get());
    }
    if (manner.shuffle_seed != 0) schedule_.shuffle(manner.shuffle_seed);
  }

  Observations run() {
    const rdu_hw::sim::Outcome outcome = schedule_.run();
    bool all_done = true;
    Observations all;
    for (std::size_t u = 0; u < units_.size(); ++u) {
      Observed& seen = units_[u]->seen;
      const Firing& firing = units_[u]->firing;
      Time waited = 0;
      for (const Port& p : firing.ports()) seen.waited.push_back(p.waited), waited += p.waited;
      CHECK(firing.busy() == firing.fired() * net_.units[u].interval);
      CHECK(firing.ready() - net_.units[u].start == firing.busy() + waited);
      all_done &= firing.fired() == net_.units[u].firings;
      all.push_back(seen);
    }
    CHECK(outcome.done == all_done);
    CHECK(outcome.deadlock.empty() == all_done);
    return all;
  }

 private:
  void add_channel(int index) {
    const ChannelPlan& plan = net_.channels[index];
    auto channel =
        std::make_unique<Channel>(rdu_hw::sim::ChannelSpec{"c" + std::to_string(index), plan.depth,
                                                           plan.latency, plan.credit_latency},
                                  manner_.values ? ring(plan) : nullptr);
    const std::int64_t tokens = plan.tokens;
    for (std::int64_t i = 0; manner_.values && i < tokens; ++i) {
      const std::uint64_t value = static_cast<std::uint64_t>(i);
      std::memcpy(channel->back(i + 1).data() + static_cast<std::size_t>(i) * kElementBytes, &value,
                  kElementBytes);
    }
    channel->preload(tokens, plan.tokens_at);
    channels_.push_back(std::move(channel));
  }

  // One ring for all channels of a multicast; tokens would make their positions differ.
  Ring* ring(const ChannelPlan& plan) {
    const bool shared = net_.units[plan.writer].multicast && plan.tokens == 0;
    const auto key = std::pair(plan.writer, plan.writer_period);
    if (shared && multicasts_.count(key) != 0) return multicasts_[key];
    std::int64_t slots = plan.depth;
    for (const ChannelPlan& c : net_.channels) {
      if (shared && c.writer == plan.writer) slots = std::max(slots, c.depth);
    }
    rings_.push_back(std::make_unique<Ring>(slots, kElementBytes));
    if (shared) multicasts_[key] = rings_.back().get();
    return rings_.back().get();
  }

  void add_unit(int index) {
    units_.push_back(std::make_unique<MixingUnit>(index, net_.units[index], manner_));
    const std::vector<int> ports = net_.ports(index);
    for (int p = 0; p < static_cast<int>(ports.size()); ++p) {
      Channel& channel = *channels_[ports[p]];
      const ChannelPlan& plan = net_.channels[ports[p]];
      if (net_.is_input(index, p)) {
        units_.back()->firing.add_input(channel, plan.reader_period);
      } else {
        units_.back()->firing.add_output(
            channel, plan.writer_period,
            plan.room_at_first ? Port::Need::kFirst : Port::Need::kLast);
      }
    }
    schedule_.add(*units_.back());
  }

  const Network& net_;
  Manner manner_;
  std::vector<std::unique_ptr<Ring>> rings_;
  std::map<std::pair<int, std::int64_t>, Ring*> multicasts_;
  std::vector<std::unique_ptr<Channel>> channels_;
  std::vector<std::unique_ptr<MixingUnit>> units_;
  Schedule schedule_;
};

}  // namespace

Observations run_simulated(const Network& network, Manner manner) {
  return Simulation(network, manner).run();
}

}  // namespace sim_test
