// The algebra of Stamps against plain vectors of times.
#include "drivers/emu/sim/stamps.hpp"

#include <algorithm>
#include <catch2/catch.hpp>
#include <vector>

#include "tests/drivers/emu/sim/random.hpp"

namespace sim_test {
namespace {

using rdu_hw::sim::Segment;
using rdu_hw::sim::Stamps;
using rdu_hw::sim::Time;
using Times = std::vector<Time>;

struct Pair {
  Stamps stamps;
  Times times;

  void append(Segment s) {
    stamps.append(s);
    for (std::int64_t i = 0; i < s.count; ++i) times.push_back(s.first + i * s.step);
  }
};

// Small numbers, so that lines often meet and continue each other.
Segment random_line(Random& random) {
  return {random.in(-5, 20), random.in(-2, 4), random.in(1, 6)};
}

Pair random_pair(Random& random) {
  Pair p;
  for (std::int64_t s = random.in(0, 5); s > 0; --s) p.append(random_line(random));
  return p;
}

Times listed(const Stamps& stamps) {
  Times out;
  for (const Segment& s : stamps.segments()) {
    for (std::int64_t i = 0; i < s.count; ++i) out.push_back(s.at(i));
  }
  return out;
}

void check(const Stamps& stamps, const Times& times) {
  REQUIRE(listed(stamps) == times);
  REQUIRE(stamps.size() == static_cast<std::int64_t>(times.size()));
  REQUIRE(stamps.empty() == times.empty());
  for (std::size_t i = 0; i < times.size(); ++i) {
    REQUIRE(stamps.at(static_cast<std::int64_t>(i)) == times[i]);
  }
  if (times.empty()) return;
  REQUIRE(stamps.front() == times.front());
  REQUIRE(stamps.back() == times.back());
}

TEST_CASE("stamps are what was appended") {
  Random random(1);
  for (int round = 0; round < 3000; ++round) {
    Pair a = random_pair(random);
    check(a.stamps, a.times);
    const Pair b = random_pair(random);
    const Time shift = random.in(-9, 9);
    a.stamps.append(b.stamps, shift);
    for (const Time t : b.times) a.times.push_back(t + shift);
    check(a.stamps, a.times);
    a.stamps.shift(shift);
    for (Time& t : a.times) t += shift;
    check(a.stamps, a.times);
  }
}

TEST_CASE("a queue of stamps drains in order") {
  Random random(2);
  for (int round = 0; round < 300; ++round) {
    Pair p;
    for (int step = 0; step < 40; ++step) {
      p.append(random_line(random));
      const std::int64_t n = random.in(0, p.stamps.size());
      check(p.stamps.prefix(n), Times(p.times.begin(), p.times.begin() + n));
      p.stamps.drop(n);
      p.times.erase(p.times.begin(), p.times.begin() + n);
      check(p.stamps, p.times);
    }
  }
}

TEST_CASE("max is taken element by element") {
  Random random(3);
  for (int round = 0; round < 3000; ++round) {
    Pair a = random_pair(random), b = random_pair(random);
    const std::int64_t n = std::min(a.stamps.size(), b.stamps.size());
    Times expected;
    for (std::int64_t i = 0; i < n; ++i) expected.push_back(std::max(a.times[i], b.times[i]));
    check(max(a.stamps.prefix(n), b.stamps.prefix(n)), expected);
  }
}

TEST_CASE("every k-th stamp is picked") {
  Random random(4);
  for (int round = 0; round < 3000; ++round) {
    const Pair from = random_pair(random);
    const std::int64_t first = random.in(0, 7), stride = random.in(1, 5);
    Pair to = random_pair(random);
    to.stamps.append_every(from.stamps, first, stride, 3);
    for (std::int64_t i = first; i < from.stamps.size(); i += stride) {
      to.times.push_back(from.times[i] + 3);
    }
    check(to.stamps, to.times);
  }
}

TEST_CASE("equality is equality of the times, however they came about") {
  Random random(5);
  for (int round = 0; round < 3000; ++round) {
    const Pair a = random_pair(random);
    Stamps points;
    for (const Time t : a.times) points.append(t);
    REQUIRE(points == a.stamps);
    REQUIRE(points.segments().size() == a.stamps.segments().size());
    const std::int64_t n = random.in(0, a.stamps.size());
    Stamps rest = a.stamps;
    rest.drop(n);
    Stamps again;
    for (std::int64_t i = n; i < a.stamps.size(); ++i) again.append(a.times[i]);
    REQUIRE(rest == again);
    if (again.empty()) continue;
    Stamps other;
    const std::int64_t odd = random.in(0, again.size() - 1);
    for (std::int64_t i = 0; i < again.size(); ++i) other.append(again.at(i) + (i == odd));
    REQUIRE_FALSE(other == rest);
    REQUIRE_FALSE(again.prefix(odd) == rest);
  }
}

TEST_CASE("lines stay short however many times they hold") {
  Stamps long_line(Segment{0, 3, 1'000'000'000'000});
  long_line.append(Segment{3'000'000'000'000, 3, 5});
  REQUIRE(long_line.segments().size() == 1);
  long_line.drop(999'999'999'999);
  REQUIRE(long_line == Stamps{2'999'999'999'997, 3'000'000'000'000, 3'000'000'000'003,
                              3'000'000'000'006, 3'000'000'000'009, 3'000'000'000'012});
}

}  // namespace
}  // namespace sim_test
