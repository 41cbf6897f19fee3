// Networks whose times are known on paper.
#include <algorithm>
#include <catch2/catch.hpp>
#include <memory>
#include <string>
#include <vector>

#include "drivers/emu/sim/channel.hpp"
#include "tests/drivers/emu/sim/random.hpp"
#include "tests/drivers/emu/sim/timed_unit.hpp"

namespace sim_test {
namespace {

using rdu_hw::sim::Channel;
using rdu_hw::sim::Segment;
using rdu_hw::sim::Stamps;
using rdu_hw::sim::Time;

TEST_CASE("a pipeline takes its fill and one slowest interval per element") {
  const std::int64_t n = 1'000'000;
  TimedUnit a("a", n, 1), b("b", n, 3), c("c", n, 2);
  Channel ab({"ab", 8, 5, 1}), bc({"bc", 8, 7, 1});
  link(ab, a, b);
  link(bc, b, c);
  REQUIRE(run_all(a, b, c).done);
  REQUIRE(b.times == Stamps(Segment{5, 3, n}));
  REQUIRE(c.times == Stamps(Segment{5 + 7, 3, n}));
  REQUIRE(c.firing.ready() == 12 + 3 * (n - 1) + 2);
  REQUIRE(c.firing.busy() == 2 * n);
  REQUIRE(c.firing.ports()[0].waited == 12 + (n - 1));
  // The first eight go at once, then a is held to b's pace.
  REQUIRE(a.times.at(7) == 7);
  REQUIRE(a.times.at(8) == 8);
  REQUIRE(a.times.at(9) == b.times.at(1) + 1);
  REQUIRE(a.times.at(n - 1) == b.times.at(n - 9) + 1);
}

TEST_CASE("a channel carries depth elements per round trip") {
  for (std::int64_t depth = 1; depth <= 12; ++depth) {
    for (Time latency = 0; latency <= 6; ++latency) {
      for (Time credit = 0; credit <= 2; ++credit) {
        TimedUnit a("a", 100), b("b", 100);
        Channel ab({"ab", depth, latency, credit});
        link(ab, a, b);
        REQUIRE(run_all(a, b).done);
        const Time round = std::max<Time>(latency + credit, depth);
        for (std::int64_t n = 0; n < 100; ++n) {
          REQUIRE(a.times.at(n) == n / depth * round + n % depth);
          REQUIRE(b.times.at(n) == a.times.at(n) + latency);
        }
      }
    }
  }
}

// a forks to b by a short channel and through a slow path of latency `detour`; b joins.
TEST_CASE("a short path stalls beside a long one until it is as deep as the long one is late") {
  const std::int64_t n = 64;
  const Time detour = 20;
  for (std::int64_t depth = 1; depth <= 30; ++depth) {
    TimedUnit a("a", n), m("m", n), b("b", n);
    Channel direct({"direct", depth, 1, 1});
    Channel there({"there", 64, 10, 1}), back({"back", 64, 10, 1});
    link(direct, a, b);
    link(there, a, m);
    link(back, m, b);
    REQUIRE(run_all(a, m, b).done);
    const Time round = std::max<Time>(depth, detour + 1);
    for (std::int64_t i = 0; i < n; ++i) {
      REQUIRE(b.times.at(i) == detour + i / depth * round + i % depth);
    }
    REQUIRE(a.firing.ports()[0].waited == a.firing.ready() - n);
    REQUIRE(a.firing.ports()[1].waited == 0);
  }
}

TEST_CASE("a cycle turns as often as it has tokens") {
  for (std::int64_t tokens = 1; tokens <= 10; ++tokens) {
    const std::int64_t n = 60;
    TimedUnit a("a", n), b("b", n);
    Channel ab({"ab", 16, 3, 1}), ba({"ba", 16, 4, 1});
    ba.preload(tokens);
    link(ab, a, b);
    link(ba, b, a);
    REQUIRE(run_all(a, b).done);
    const Time round = std::max<Time>(3 + 4, tokens);
    for (std::int64_t i = 0; i < n; ++i) {
      REQUIRE(a.times.at(i) == i / tokens * round + i % tokens);
    }
  }
}

// Why a route needs no unit per hop: registers in a row are one channel with the sums of depths and latencies, provided that
// each holds what is under way in it.
TEST_CASE("a row of hops is one channel") {
  Random random(21);
  for (int round = 0; round < 200; ++round) {
    const std::int64_t n = 80;
    const int hops = static_cast<int>(random.in(1, 5));
    std::vector<rdu_hw::sim::ChannelSpec> specs;
    rdu_hw::sim::ChannelSpec sum{"sum", 0, 0, 0};
    for (int h = 0; h <= hops; ++h) {
      const Time latency = random.in(0, 3), credit = random.in(0, 2);
      const std::int64_t depth = std::max<std::int64_t>(latency + credit, 1) + random.in(0, 2);
      specs.push_back({"hop", depth, latency, credit});
      sum.depth += depth;
      sum.latency += latency;
      sum.credit_latency += credit;
    }
    const Time write = random.in(1, 3), read = random.in(1, 3);
    const std::int64_t burst = random.in(1, 4), rest = random.in(1, 20);
    // Both ends in a rhythm of their own: bursts, because one token serves `burst` firings and comes back after `rest`.
    const auto times = [&](std::vector<rdu_hw::sim::ChannelSpec> route) {
      std::vector<std::unique_ptr<TimedUnit>> units;
      std::vector<std::unique_ptr<Channel>> channels;
      units.push_back(std::make_unique<TimedUnit>("writer", n, write));
      for (std::size_t h = 0; h < route.size(); ++h) {
        const bool end = h + 1 == route.size();
        units.push_back(std::make_unique<TimedUnit>("unit", n, end ? read : 1));
        channels.push_back(std::make_unique<Channel>(route[h]));
        link(*channels.back(), *units[h], *units[h + 1]);
      }
      Channel rhythm({"rhythm", 2, rest, 0}), pause({"pause", 3, rest / 2, 0});
      rhythm.preload(1);
      pause.preload(2);
      link(rhythm, *units.back(), *units.back(), burst, burst);
      link(pause, *units.front(), *units.front(), 2, 2);
      rdu_hw::sim::Schedule schedule;
      for (auto& unit : units) schedule.add(*unit);
      REQUIRE(schedule.run().done);
      return std::pair(units.front()->times, units.back()->times);
    };
    REQUIRE(times(specs) == times({sum}));
  }
}

TEST_CASE("two buffers overlap filling and reading, one does not") {
  // 10 writes fill a buffer, 10 reads empty it.
  for (std::int64_t buffers = 1; buffers <= 3; ++buffers) {
    const std::int64_t per = 10, tiles = 20;
    TimedUnit writer("writer", per * tiles), reader("reader", per * tiles);
    Channel filled({"filled", buffers, 1, 1});
    writer.firing.add_output(filled, per, rdu_hw::sim::Port::Need::kFirst);
    reader.firing.add_input(filled, per);
    filled.connect(&writer, &reader);
    REQUIRE(run_all(writer, reader).done);
    // A token one cycle after the last write, a credit one cycle after the last read.
    const Time round = buffers == 1 ? 2 * per : per;
    for (std::int64_t tile = 0; tile < tiles; ++tile) {
      REQUIRE(writer.times.at(tile * per) == tile * round);
      REQUIRE(reader.times.at(tile * per) == tile * round + per);
    }
  }
}

TEST_CASE("a changed interval holds from the firing on that it was set for") {
  TimedUnit a("a", 4);
  Channel out({"out", 4, 0, 0});
  a.firing.add_output(out);
  a.firing.fire(2);
  a.firing.set_interval(5);
  a.firing.fire(1);
  a.firing.set_interval(1);
  a.firing.fire(1);
  REQUIRE(out.arrivals() == Stamps{0, 1, 2, 7});
  REQUIRE(a.firing.ready() == 8);
}

TEST_CASE("a shorter last tile changes the period between two elements") {
  // Three tokens for tiles of 4, 4 and 2 firings, each acknowledged at its end.
  TimedUnit a("a", 10);
  Channel tokens({"tokens", 3, 0, 1}), ends({"ends", 3, 0, 1});
  a.firing.add_output(ends, 4);
  a.firing.add_input(tokens, 4);
  tokens.send(Stamps{0, 9, 11});
  a.firing.fire(8);
  a.firing.set_period(0, 2);
  a.firing.set_period(1, 2);
  REQUIRE(a.firing.possible() == 2);
  a.firing.fire(2);
  REQUIRE(ends.arrivals() == Stamps{3, 12, 14});
  REQUIRE(tokens.credits() == Stamps{4, 13, 15});
}

}  // namespace
}  // namespace sim_test
