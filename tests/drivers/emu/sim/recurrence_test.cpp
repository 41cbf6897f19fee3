// fire() against its definition, one firing at a time.
#include "drivers/emu/sim/recurrence.hpp"

#include <catch2/catch.hpp>
#include <vector>

#include "tests/drivers/emu/sim/random.hpp"

namespace sim_test {
namespace {

using rdu_hw::sim::Constraint;
using rdu_hw::sim::fire;
using rdu_hw::sim::Segment;
using rdu_hw::sim::Stamps;
using rdu_hw::sim::Time;

struct Case {
  std::vector<Time> times;
  std::int64_t skip, first, period;
  Stamps stamps;
};

Case random_case(Random& random) {
  Case c{{}, random.in(0, 2), 0, random.chance(60) ? 1 : random.in(2, 5), {}};
  c.first = random.in(0, c.period - 1);
  Time at = random.in(-5, 10);
  for (std::int64_t s = random.in(0, 5); s > 0; --s) {
    const Segment line{at, random.in(0, 6) * random.in(1, c.period), random.in(1, 8)};
    for (std::int64_t i = 0; i < line.count; ++i) c.times.push_back(line.at(i));
    c.stamps.append(line);
    at = line.last() + random.in(-3, 25);
  }
  return c;
}

// When constraint c allows firing n; a time before all others where it says nothing.
Time allowed(const Case& c, std::int64_t n) {
  const std::int64_t element = c.skip + (n - c.first) / c.period;
  const bool binds = n >= c.first && (n - c.first) % c.period == 0 &&
                     element < static_cast<std::int64_t>(c.times.size());
  return binds ? c.times[element] : -1000;
}

TEST_CASE("the recurrence in closed form is the recurrence") {
  Random random(11);
  for (int round = 0; round < 20000; ++round) {
    std::vector<Case> cases;
    for (std::int64_t k = random.in(0, 4); k > 0; --k) cases.push_back(random_case(random));
    const Time ready = random.in(0, 10), interval = random.in(1, 4);
    const std::int64_t count = random.in(1, 60);

    std::vector<Constraint> constraints;
    for (const Case& c : cases) constraints.emplace_back(c.stamps, c.skip, c.first, c.period);
    Stamps out;
    const Time next = fire(ready, interval, count, constraints, out);

    Stamps expected;
    std::vector<Time> waited(cases.size(), 0);
    Time floor = ready;
    for (std::int64_t n = 0; n < count; ++n) {
      Time t = floor;
      std::size_t latest = cases.size();
      for (std::size_t k = 0; k < cases.size(); ++k) {
        if (allowed(cases[k], n) <= t) continue;
        t = allowed(cases[k], n);
        latest = k;
      }
      if (latest < cases.size()) waited[latest] += t - floor;
      expected.append(t);
      floor = t + interval;
    }
    REQUIRE(out == expected);
    REQUIRE(out.segments().size() == expected.segments().size());
    REQUIRE(next == floor);
    for (std::size_t k = 0; k < cases.size(); ++k) REQUIRE(constraints[k].waited() == waited[k]);
  }
}

// So many firings that a step for each would never end.
constexpr std::int64_t kMany = 1'000'000'000'000;

TEST_CASE("a faster line is overtaken, a slower one met") {
  // Elements every 5 cycles from 0; the unit is free at 20 and takes 2 a firing: it catches up at the seventh.
  const Stamps slow(Segment{0, 5, kMany});
  std::vector<Constraint> one{Constraint(slow, 0, 0, 1)};
  Stamps out;
  const Time next = fire(20, 2, kMany, one, out);
  REQUIRE(out.segments().size() == 2);
  REQUIRE(out.at(6) == 32);
  REQUIRE(out.at(7) == 35);
  REQUIRE(next == 5 * (kMany - 1) + 2);
  REQUIRE(one[0].waited() == next - 20 - 2 * kMany);

  // Elements every cycle, taken every 3: only the first is waited for.
  const Stamps fast(Segment{7, 1, kMany});
  std::vector<Constraint> other{Constraint(fast, 0, 0, 1)};
  Stamps times;
  REQUIRE(fire(0, 3, kMany, other, times) == 7 + 3 * kMany);
  REQUIRE(times == Stamps(Segment{7, 3, kMany}));
  REQUIRE(other[0].waited() == 7);
}

TEST_CASE("an element that serves many firings is waited for once") {
  // One operand for 64 firings, arriving just in time: a single line.
  const Stamps rows(Segment{0, 64, kMany});
  std::vector<Constraint> reuse{Constraint(rows, 0, 0, 64)};
  Stamps out;
  REQUIRE(fire(0, 1, 64 * kMany, reuse, out) == 64 * kMany);
  REQUIRE(out.segments().size() == 1);
  REQUIRE(reuse[0].waited() == 0);
}

}  // namespace
}  // namespace sim_test
