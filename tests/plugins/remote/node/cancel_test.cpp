// Runs that nobody waits for any more: over here at once, over at the peer soon, and never more of them than its credit.
#include <catch2/catch.hpp>
#include <chrono>
#include <thread>

#include "tests/plugins/remote/node/node_process.hpp"
#include "tests/plugins/remote/node/scratch.hpp"
#include "tests/plugins/remote/node/small_models.hpp"

namespace rdu::remote::testing {
namespace {

using namespace std::chrono_literals;
using Clock = std::chrono::steady_clock;

constexpr std::int64_t kWidth = 50'000;  // milliseconds for each node of the reference
constexpr int kDepth = 2'000;            // and seconds for all of them

// A peer whose device takes seconds for a run, and a model for it.
struct SlowPeer {
  explicit SlowPeer(std::vector<std::string> arguments = {})
      : node({.program = {},
              .data = scratch / "node",
              .arguments = with_device(std::move(arguments))}),
        model(node.device("reference:"), written(scratch / "slow.rdu")) {}

  static std::vector<std::string> with_device(std::vector<std::string> arguments) {
    arguments.insert(arguments.end(), {"--device", "reference:"});
    return arguments;
  }
  static std::string written(const std::string& path) {
    write_tanh(path, kWidth, kDepth);
    return path;
  }
  Run submit() const { return model.program.submit({input(x, {kWidth})}); }
  bool becomes(const std::string& name, std::uint64_t value, Clock::duration most = 5s) const {
    const auto end = Clock::now() + most;
    while (node.status(name) != value) {
      if (Clock::now() > end) return false;
      std::this_thread::sleep_for(5ms);
    }
    return true;
  }
  bool finished_none() const {
    std::string metrics;
    return node.get("/metrics", metrics) == 200 &&
           metrics.find("rdu_node_runs_total{device=\"reference:\"} 0\n") != std::string::npos;
  }

  Scratch scratch;
  NodeProcess node;
  LoadedModel model;
  std::vector<float> x = std::vector<float>(kWidth, 0.5f);
};

rdu_code code_of(Run& run) {
  try {
    run.get();
  } catch (const rdu::Error& error) {
    return error.code();
  }
  return RDU_OK;
}

// How long ending it took.
Clock::duration cancel(Run& run) {
  const auto begin = Clock::now();
  run.cancel();
  CHECK(code_of(run) == RDU_ERR_CANCELLED);
  return Clock::now() - begin;
}

}  // namespace

TEST_CASE("a run that is cancelled ends here at once, and soon at the peer") {
  const SlowPeer slow;
  Run run = slow.submit();
  REQUIRE(slow.becomes("under_way", 1));
  std::this_thread::sleep_for(50ms);
  CHECK(cancel(run) < 500ms);
  const auto begin = Clock::now();
  CHECK(slow.becomes("under_way", 0));
  CHECK(Clock::now() - begin < 1s);
  CHECK(slow.node.status("cancelled") == 1);
  CHECK(slow.finished_none());
}

TEST_CASE("a run that is late ends on both sides") {
  const SlowPeer slow;
  const Run run = slow.model.program.submit({input(slow.x, {kWidth})}, {.timeout_us = 200'000});
  const auto begin = Clock::now();
  CHECK(run.wait(5'000'000));
  CHECK(Clock::now() - begin < 1s);
  CHECK(slow.becomes("under_way", 0, 1s));
  CHECK(slow.finished_none());
}

// Between two nodes there is nothing to stop it: it has one.
TEST_CASE("a loop that would take minutes is cancelled within its node, here and at a peer") {
  const Scratch scratch;
  write_loop(scratch / "loop.rdu", 1024, 1'000'000'000);
  const NodeProcess node({.program = {}, .data = scratch / "node", .arguments = {}});
  const std::vector<float> x(1024, 0.5f);
  for (const std::string& device : {std::string("cpu:"), node.device("cpu:")}) {
    const LoadedModel model(device, scratch / "loop.rdu");
    Run run = model.program.submit({input(x, {1024})});
    std::this_thread::sleep_for(100ms);
    CHECK(cancel(run) < 500ms);
    Run late = model.program.submit({input(x, {1024})}, {.timeout_us = 100'000});
    CHECK(code_of(late) == RDU_ERR_DEADLINE_EXCEEDED);
  }
  const auto end = Clock::now() + 2s;
  while (node.status("under_way") != 0 && Clock::now() < end) std::this_thread::sleep_for(5ms);
  CHECK(node.status("under_way") == 0);
}

TEST_CASE("a client that gives up whatever it begins does not overload its peer") {
  const SlowPeer slow({"--max-requests", "3"});
  for (int i = 0; i < 40; ++i) {
    Run run = slow.submit();
    std::this_thread::sleep_for(std::chrono::milliseconds(i % 5));
    CHECK(cancel(run) < 500ms);
  }
  CHECK(slow.becomes("under_way", 0));
  CHECK(slow.becomes("queued", 0));
  CHECK(slow.node.status("overloaded") == 0);
}

TEST_CASE("a cancelled step leaves its state as it was") {
  const Scratch scratch;
  write_running_total(scratch / "total.rdu", 4);
  NodeProcess node({.program = {}, .data = scratch / "node", .arguments = {}});
  const LoadedModel model(node.device(), scratch / "total.rdu");
  const State state(model.program);
  const std::vector<float> one(4, 1.0f);
  float total = 0;
  for (int i = 0; i < 50; ++i) {
    Run step = model.program.submit({input(one, {4})}, {.state = &state});
    if (i % 2 == 0) step.cancel();
    const rdu_code code = code_of(step);
    CHECK((code == RDU_OK || code == RDU_ERR_CANCELLED));
    if (code == RDU_OK) ++total;
  }
  std::vector<float> read(4);
  state.read("total", read);
  CHECK(read == std::vector<float>(4, total));
}

}  // namespace rdu::remote::testing
