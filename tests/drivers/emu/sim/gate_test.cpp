// What units do beyond ports: constraints of their own, periods that become known as they run, no time at all, and an end from
// outside.
#include <atomic>
#include <catch2/catch.hpp>

#include "tests/drivers/emu/sim/timed_unit.hpp"

namespace sim_test {
namespace {

using namespace rdu_hw::sim;

TEST_CASE("a gate is a constraint behind all ports") {
  Channel channel({"elements", 8, 0, 1});
  channel.preload(4, 10);
  TimedUnit unit("unit", 4, 2);
  unit.firing.add_input(channel);
  unit.firing.add_gate();
  unit.firing.gate().append(Segment{10, 7, 4});  // 10, 17, 24, 31
  REQUIRE(unit.firing.next_time() == 10);
  unit.run();
  REQUIRE(unit.times == Stamps(Segment{10, 7, 4}));
  // The first firing waited for the element, which was no earlier than the gate; the others, ready after two cycles, for the gate.
  REQUIRE(unit.firing.ports()[0].waited == 10);
  REQUIRE(unit.firing.gate_waited() == 3 * 5);
  REQUIRE(unit.firing.busy() == 4 * 2);
  REQUIRE(unit.firing.gate().empty());
}

TEST_CASE("the time of the next firing is told before it is made") {
  Channel in({"in", 4, 3, 1}), out({"out", 2, 1, 5});
  TimedUnit writer("writer", 20, 4), middle("middle", 20), reader("reader", 20, 6);
  link(in, writer, middle);
  link(out, middle, reader);
  const auto step = [](TimedUnit& unit) {
    if (unit.firing.possible() == 0) return false;
    const Time told = unit.firing.next_time();
    unit.firing.fire(1);
    REQUIRE(unit.firing.times().front() == told);
    return true;
  };
  while (step(writer) || step(middle) || step(reader)) continue;
  REQUIRE(reader.firing.fired() == 20);
}

TEST_CASE("an element that lasts for firings in several pieces") {
  // 3 and then 4 firings share the first element, 2 have the second: said piece by piece.
  Channel channel({"elements", 2, 0, 1});
  channel.preload(2, 5);
  TimedUnit unit("unit", 9);
  unit.firing.add_input(channel);
  unit.firing.set_use(0, 4, 0);
  unit.firing.fire(3);
  REQUIRE(channel.taken() == 0);
  unit.firing.set_use(0, 5, 1);
  REQUIRE(unit.firing.possible() >= 4);
  unit.firing.fire(4);
  REQUIRE(channel.taken() == 1);
  unit.firing.set_use(0, 2, 0);
  unit.firing.fire(2);
  REQUIRE(channel.taken() == 2);
  REQUIRE(unit.firing.ready() == 5 + 9);
}

TEST_CASE("an endless channel is never full, and keeps nothing of what was taken") {
  Channel channel({.name = "endless", .depth = 1, .latency = 2, .endless = true});
  for (Time t = 0; t < 1000; ++t) channel.send(Stamps{3 * t});
  REQUIRE(channel.arrivals().size() == 1000);
  REQUIRE(channel.room() > 1000);
  channel.take(Stamps(Segment{5000, 1, 1000}));
  REQUIRE(channel.taken() == 1000);
  REQUIRE(channel.credits().front() == 0);
  REQUIRE(channel.credits().segments().size() == 1);
}

TEST_CASE("a unit without an interval passes on what comes at one time") {
  Channel in({"in", 8, 0, 1}), out({"out", 3, 0, 4});
  in.preload(5, 7);
  TimedUnit pass("pass", 5, 0), reader("reader", 5);
  link(out, pass, reader);
  pass.firing.add_input(in);
  run_all(pass, reader);
  // Three have room at once; then credits come back, four cycles after each was taken.
  REQUIRE(pass.times == Stamps{7, 7, 7, 11, 12});
}

TEST_CASE("who is told to look again runs again") {
  class Waits : public Unit {
   public:
    explicit Waits(Channel& signal) : Unit("waits"), signal_(signal) {}
    Progress run() override {
      ++runs;
      if (!open) return {Progress::State::kEmpty, &signal_};
      return {Progress::State::kDone};
    }
    Time now() const override { return 0; }
    bool open = false;
    int runs = 0;

   private:
    Channel& signal_;
  };
  class Opens : public Arbiter {
   public:
    Opens(Waits& waits, Channel& signal) : waits_(waits), signal_(signal) {}
    std::optional<Turn> next() const override {
      if (waits_.open) return std::nullopt;
      return Turn{0, 0};
    }
    void serve() override {
      waits_.open = true;
      signal_.nudge();
    }

   private:
    Waits& waits_;
    Channel& signal_;
  };
  Channel signal({"signal"});
  Waits waits(signal);
  signal.connect(nullptr, &waits);
  Opens opens(waits, signal);
  Schedule schedule;
  schedule.add(waits);
  schedule.add(opens);
  REQUIRE(schedule.run().done);
  REQUIRE(waits.runs == 2);
}

TEST_CASE("a schedule that is stopped says so, and not that there is a deadlock") {
  Channel channel({"elements", 1, 1, 1});
  TimedUnit writer("writer", kUnlimited - 1), reader("reader", kUnlimited - 1);
  writer.firing.set_granularity(1);
  reader.firing.set_granularity(1);
  link(channel, writer, reader);
  const std::atomic<bool> stop = true;
  Schedule schedule;
  schedule.add(writer);
  schedule.add(reader);
  schedule.stop_on(&stop);
  const Outcome outcome = schedule.run();
  REQUIRE(outcome.stopped);
  REQUIRE(!outcome.done);
  REQUIRE(outcome.deadlock.empty());
}

}  // namespace
}  // namespace sim_test
