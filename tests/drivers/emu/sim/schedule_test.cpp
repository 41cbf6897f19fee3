// The schedule: deadlocks told in words, arbiters served in order of time.
#include "drivers/emu/sim/schedule.hpp"

#include <algorithm>
#include <catch2/catch.hpp>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "tests/drivers/emu/sim/random.hpp"
#include "tests/drivers/emu/sim/timed_unit.hpp"

namespace sim_test {
namespace {

using rdu_hw::sim::Arbiter;
using rdu_hw::sim::Channel;
using rdu_hw::sim::Outcome;
using rdu_hw::sim::Schedule;
using rdu_hw::sim::Stamps;
using rdu_hw::sim::Time;
using rdu_hw::sim::Turn;

TEST_CASE("an empty schedule is done") { REQUIRE(Schedule().run().done); }

TEST_CASE("the end is the latest local time") {
  TimedUnit a("a", 10, 3), b("b", 10, 1);
  Channel ab({"ab", 2, 4, 1});
  link(ab, a, b);
  const Outcome outcome = run_all(b, a);
  REQUIRE(outcome.done);
  REQUIRE(outcome.end == 27 + 4 + 1);
}

TEST_CASE("a cycle of waiting is named, and nobody who only waits for it") {
  // a sends four of one before one of the other; b wants both at once.
  TimedUnit a("a", 100), b("b", 100), c("c", 100), idle("idle", 100);
  Channel many({"many", 3, 1, 1}), few({"few", 3, 1, 1}), on({"on", 3, 1, 1});
  Channel rest({"rest", 3, 1, 1});
  link(many, a, b);
  link(few, a, c, 4);
  link(on, c, b);
  link(rest, b, idle);
  const Outcome outcome = run_all(idle, a, b, c);
  REQUIRE_FALSE(outcome.done);
  REQUIRE(outcome.deadlock ==
          "b (time 0) waits for an element of on (empty, depth 3), written by c\n"
          "c (time 0) waits for an element of few (empty, depth 3), written by a\n"
          "a (time 3) waits for room in many (full, 3 of 3), read by b\n");
}

TEST_CASE("a unit that waits for one that is done is told so") {
  TimedUnit a("a", 3), b("b", 4);
  Channel ab({"ab", 2, 1, 1});
  link(ab, a, b);
  REQUIRE(run_all(a, b).deadlock ==
          "b (time 4) waits for an element of ab (empty, depth 2), written by a\n"
          "a (time 3) is done\n");
}

TEST_CASE("a unit that waits for nobody's channel is told so") {
  TimedUnit a("a", 3);
  Channel out({"out", 2, 1, 1});
  a.firing.add_output(out);
  REQUIRE(run_all(a).deadlock ==
          "a (time 2) waits for room in out (full, 2 of 2), read by an end outside the units\n");
}

// Serves a list, and writes down when it was asked to.
class Listed : public Arbiter {
 public:
  Listed(char name, std::vector<Turn> turns, std::string& log)
      : name_(name), turns_(std::move(turns)), log_(log) {}
  std::optional<Turn> next() const override {
    return turns_.empty() ? std::nullopt : std::optional(turns_.front());
  }
  void serve() override {
    log_ += name_ + std::to_string(turns_.front().time) + ' ';
    turns_.erase(turns_.begin());
  }

 private:
  char name_;
  std::vector<Turn> turns_;
  std::string& log_;
};

TEST_CASE("of several arbiters the least turn is served, the first added among equals") {
  std::string log;
  Listed a('a', {{3, 1}, {5, 0}, {7, 0}}, log), b('b', {{1, 9}, {3, 0}, {5, 0}, {8, 0}}, log);
  Schedule schedule;
  schedule.add(a);
  schedule.add(b);
  REQUIRE(schedule.run().done);
  REQUIRE(log == "b1 b3 a3 a5 b5 a7 b8 ");
}

// One memory for all clients: one request at a time, the earliest first, the lowest client among equals.
class Memory : public Arbiter {
 public:
  Memory(std::vector<std::unique_ptr<Channel>>& requests,
         std::vector<std::unique_ptr<Channel>>& answers, Time service)
      : requests_(requests), answers_(answers), service_(service) {}

  std::optional<Turn> next() const override {
    std::optional<Turn> least;
    for (std::size_t c = 0; c < requests_.size(); ++c) {
      if (requests_[c]->ready() == 0) continue;
      const Turn turn{std::max(free_at_, requests_[c]->arrivals().front()),
                      static_cast<std::int64_t>(c)};
      if (!least || turn < *least) least = turn;
    }
    return least;
  }
  void serve() override {
    const Turn turn = *next();
    order.push_back(turn);
    requests_[turn.id]->take(Stamps{turn.time});
    free_at_ = turn.time + service_;
    answers_[turn.id]->send(Stamps{free_at_});
  }

  std::vector<Turn> order;

 private:
  std::vector<std::unique_ptr<Channel>>& requests_;
  std::vector<std::unique_ptr<Channel>>& answers_;
  Time service_;
  Time free_at_ = 0;
};

struct Client {
  std::int64_t requests;
  Time interval;
  std::int64_t outstanding;  // it has as many tokens, and gets one back with each answer
};

// Cycle by cycle: clients ask, the memory takes one when it is free; a latency of 1 each way.
std::vector<Turn> ticked(const std::vector<Client>& clients, Time service) {
  struct State {
    std::int64_t asked = 0;
    Time free_at = 0;
    std::vector<Time> tokens, pending;
  };
  std::vector<State> states(clients.size());
  std::size_t total = 0;
  for (std::size_t c = 0; c < clients.size(); ++c) {
    states[c].tokens.assign(static_cast<std::size_t>(clients[c].outstanding), 0);
    total += static_cast<std::size_t>(clients[c].requests);
  }
  std::vector<Turn> order;
  Time free_at = 0;
  for (Time now = 0; order.size() < total; ++now) {
    for (std::size_t c = 0; c < clients.size(); ++c) {
      State& s = states[c];
      const bool token = !s.tokens.empty() && s.tokens.front() <= now;
      if (s.asked == clients[c].requests || s.free_at > now || !token) continue;
      s.tokens.erase(s.tokens.begin());
      s.pending.push_back(now + 1);
      s.free_at = now + clients[c].interval;
      ++s.asked;
    }
    for (std::size_t c = 0; c < clients.size() && free_at <= now; ++c) {
      State& s = states[c];
      if (s.pending.empty() || s.pending.front() > now) continue;
      s.pending.erase(s.pending.begin());
      free_at = now + service;
      s.tokens.push_back(free_at + 1);
      order.push_back({now, static_cast<std::int64_t>(c)});
    }
  }
  return order;
}

std::vector<Turn> simulated(const std::vector<Client>& clients, Time service, std::uint64_t seed) {
  std::vector<std::unique_ptr<TimedUnit>> units;
  std::vector<std::unique_ptr<Channel>> requests, answers;
  Schedule schedule;
  for (std::size_t c = 0; c < clients.size(); ++c) {
    units.push_back(std::make_unique<TimedUnit>("client " + std::to_string(c), clients[c].requests,
                                                clients[c].interval));
    // Deep enough never to be full: what bounds a client are its tokens.
    requests.push_back(std::make_unique<Channel>(rdu_hw::sim::ChannelSpec{"request", 64, 1, 1}));
    answers.push_back(std::make_unique<Channel>(rdu_hw::sim::ChannelSpec{"answer", 64, 1, 1}));
    answers.back()->preload(clients[c].outstanding);
    units.back()->firing.add_input(*answers.back());
    units.back()->firing.add_output(*requests.back());
    answers.back()->connect(nullptr, units.back().get());
    requests.back()->connect(units.back().get(), nullptr);
    schedule.add(*units.back());
  }
  Memory memory(requests, answers, service);
  schedule.add(memory);
  if (seed != 0) schedule.shuffle(seed);
  REQUIRE(schedule.run().done);
  return memory.order;
}

TEST_CASE("an arbiter serves in order of time, then of client, as ticking does") {
  Random random(31);
  for (int round = 0; round < 300; ++round) {
    std::vector<Client> clients;
    for (std::int64_t c = random.in(1, 5); c > 0; --c) {
      clients.push_back({random.in(0, 30), random.in(1, 9), random.in(1, 4)});
    }
    const Time service = random.in(1, 6);
    const std::vector<Turn> expected = ticked(clients, service);
    REQUIRE(simulated(clients, service, 0) == expected);
    REQUIRE(simulated(clients, service, 1 + static_cast<std::uint64_t>(round)) == expected);
  }
}

}  // namespace
}  // namespace sim_test
