// The device over a bad network: every run ends by its deadline, right or with the reason; effects happen once; and when
// the network is well again, so is the device.
#include <atomic>
#include <catch2/catch.hpp>
#include <chrono>
#include <functional>
#include <thread>

#include "tests/plugins/remote/node/node_process.hpp"
#include "tests/plugins/remote/node/scratch.hpp"
#include "tests/plugins/remote/node/small_models.hpp"
#include "tests/plugins/remote/support/chaos_proxy.hpp"

namespace rdu::remote::testing {
namespace {

using namespace std::chrono_literals;
using Clock = std::chrono::steady_clock;

constexpr std::int64_t kWidth = 2000;
constexpr int kDepth = 2;
// What a caller may wait beyond his deadline: the peer's half second to say that it stopped, and a busy machine.
constexpr auto kSlack = 2500ms;

struct Mood {
  const char* name;
  std::function<void(ChaosProxy&)> begins;
};

const std::vector<Mood>& moods() {
  static const std::vector<Mood> all = {
      {"delay", [](ChaosProxy& proxy) { proxy.set({.delay = 30ms}); }},
      {"trickle", [](ChaosProxy& proxy) { proxy.set({.bytes_per_ms = 40}); }},
      {"black hole", [](ChaosProxy& proxy) { proxy.set(Chaos::black_hole()); }},
      {"no way back", [](ChaosProxy& proxy) { proxy.set({.swallow_down = true}); }},
      {"no way there", [](ChaosProxy& proxy) { proxy.set({.swallow_up = true}); }},
      {"cut", [](ChaosProxy& proxy) { proxy.cut(); }},
      {"reset", [](ChaosProxy& proxy) { proxy.reset(); }},
      {"half open", [](ChaosProxy& proxy) { proxy.strand(); }},
      {"refusal",
       [](ChaosProxy& proxy) {
         proxy.set({.refuse = true});
         proxy.reset();
       }},
  };
  return all;
}

struct Network {
  Network()
      : node({.program = {}, .data = scratch / "node", .arguments = {"--threads", "1"}}),
        proxy(node.endpoint()) {
    write_tanh(scratch / "tanh.rdu", kWidth, kDepth);
    write_running_total(scratch / "total.rdu", 4);
  }
  std::string device(const std::string& options) const {
    return proxy.device() + "?shared_memory=0&liveness_ms=600&" + options;
  }

  Scratch scratch;
  NodeProcess node;
  ChaosProxy proxy;
};

bool is_right(const std::vector<float>& y, float x) {
  const float expected = tanh_of(x, kDepth);
  return std::ranges::all_of(y, [&](float v) { return std::abs(v - expected) < 1e-5f; });
}

struct Tally {
  std::atomic<int> right = 0, wrong = 0, failed = 0, unclear = 0, late = 0;

  void count(const LoadedModel& model, float x, std::chrono::milliseconds deadline) {
    const auto begin = Clock::now();
    try {
      const auto timeout = std::chrono::duration_cast<std::chrono::microseconds>(deadline);
      const std::vector<float> y = model.run(std::vector<float>(kWidth, x), nullptr,
                                             static_cast<std::uint64_t>(timeout.count()));
      ++(is_right(y, x) ? right : wrong);
    } catch (const rdu::Error& error) {
      const bool clear = error.code() == RDU_ERR_DEADLINE_EXCEEDED ||
                         error.code() == RDU_ERR_WORKER_LOST || error.code() == RDU_ERR_OVERLOADED;
      ++(clear ? failed : unclear);
    }
    if (Clock::now() - begin > deadline + kSlack) ++late;
  }
};

TEST_CASE("whatever the network does, runs end by their deadline, and work again afterwards") {
  Network network;
  const LoadedModel model(network.device("timeout_ms=1500"), network.scratch / "tanh.rdu");
  for (const Mood& mood : moods()) {
    INFO(mood.name);
    Tally tally;
    std::atomic<bool> stop = false;
    std::vector<std::thread> threads;
    for (int t = 0; t < 3; ++t) {
      threads.emplace_back([&, t] {
        while (!stop) tally.count(model, 0.1f * static_cast<float>(t + 1), 400ms);
      });
    }
    std::this_thread::sleep_for(30ms);
    mood.begins(network.proxy);
    std::this_thread::sleep_for(500ms);
    stop = true;
    for (std::thread& thread : threads) thread.join();
    network.proxy.set({});
    CHECK(tally.wrong == 0);
    CHECK(tally.unclear == 0);
    CHECK(tally.late == 0);
    CHECK(tally.right + tally.failed >= 3);
    // Patience for what the last mood left behind: a silent connection is given up after `liveness_ms`.
    Tally after;
    after.count(model, 0.5f, 5s);
    CHECK(after.right == 1);
  }
}

TEST_CASE("whatever the network does, an effect happens once") {
  Network network;
  const LoadedModel model(network.device("timeout_ms=30000"), network.scratch / "total.rdu");
  const State state(model.program);
  float total = 0;
  const auto steps = [&](int count) {
    for (int i = 0; i < count; ++i) {
      total += 1;
      REQUIRE(model.run(std::vector<float>(4, 1.0f), &state) == std::vector<float>(4, total));
    }
  };
  for (const Mood& mood : moods()) {
    INFO(mood.name);
    std::thread trouble([&] {
      std::this_thread::sleep_for(5ms);
      mood.begins(network.proxy);
      std::this_thread::sleep_for(150ms);
      network.proxy.set({});
    });
    const auto until = Clock::now() + 200ms;
    do steps(1);
    while (Clock::now() < until);
    trouble.join();
    steps(3);
  }
  std::vector<float> read(4);
  state.read("total", read);
  CHECK(read == std::vector<float>(4, total));
}

TEST_CASE("answers that get lost on the way are answered from the journal") {
  Network network;
  const LoadedModel model(network.device("timeout_ms=30000"), network.scratch / "total.rdu");
  const State state(model.program);
  for (int i = 1; i <= 5; ++i) {
    network.proxy.set({.swallow_down = true});
    std::thread heal([&] {
      std::this_thread::sleep_for(60ms);
      network.proxy.set({});
    });
    CHECK(model.run(std::vector<float>(4, 1.0f), &state)[0] == static_cast<float>(i));
    heal.join();
  }
  CHECK(network.node.status("repeats") >= 4);
}

TEST_CASE("a peer behind a black hole is left for another, and taken again when it is back") {
  Network one, two;
  const LoadedModel model(
      one.device("timeout_ms=20000")
          .insert(one.proxy.device().size(), "," + two.proxy.endpoint() + "/cpu:"),
      one.scratch / "tanh.rdu");
  const auto run = [&] {
    const auto begin = Clock::now();
    CHECK(is_right(model.run(std::vector<float>(kWidth, 0.3f)), 0.3f));
    return Clock::now() - begin;
  };
  const auto runs_on = [&](ChaosProxy& proxy) {
    const std::uint64_t before = proxy.bytes_down();
    for (int i = 0; i < 200 && proxy.bytes_down() - before < kWidth * 4; ++i) {
      run();
      std::this_thread::sleep_for(10ms);
    }
    return proxy.bytes_down() - before >= kWidth * 4;
  };
  REQUIRE(runs_on(one.proxy));
  for (Network* gone : {&one, &two}) {
    Network& other = gone == &one ? two : one;
    gone->proxy.set(Chaos::black_hole());
    // At most the silence that gives a peer up, and a busy machine.
    for (int i = 0; i < 5; ++i) CHECK(run() < 600ms + kSlack);
    CHECK(runs_on(other.proxy));
    gone->proxy.set({});
    other.proxy.set({.refuse = true});
    other.proxy.reset();
    CHECK(runs_on(gone->proxy));
    other.proxy.set({});
  }
}

TEST_CASE("a device is closed in peace while a peer is behind a black hole") {
  Network network;
  network.proxy.set(Chaos::black_hole());
  const auto begin = Clock::now();
  CHECK_THROWS_AS(LoadedModel(network.device("timeout_ms=300"), network.scratch / "tanh.rdu"),
                  rdu::Error);
  CHECK(Clock::now() - begin < 300ms + kSlack);
}

}  // namespace
}  // namespace rdu::remote::testing
