// A whole peer: runs, states over every kind of death, strangers at the door, drain, health.
#include <signal.h>

#include <catch2/catch.hpp>
#include <chrono>
#include <cmath>
#include <thread>

#include "plugins/remote/wire/link.hpp"
#include "tests/plugins/remote/node/locked_node.hpp"
#include "tests/plugins/remote/node/node_process.hpp"
#include "tests/plugins/remote/node/scratch.hpp"
#include "tests/plugins/remote/node/small_models.hpp"

namespace rdu::remote::testing {
namespace {

using namespace std::chrono_literals;
using plugin::Result;

const std::vector<float> kX = {0.5f, -1.0f, 2.0f, 0.0f};

void expect_near(const std::vector<float>& y, int depth) {
  for (std::size_t i = 0; i < y.size(); ++i) CHECK(std::abs(y[i] - tanh_of(kX[i], depth)) < 1e-5f);
}

void kill_worker(const NodeProcess& node) {
  for (const pid_t worker : node.workers()) ::kill(worker, SIGABRT);
}

TEST_CASE("a model runs at a peer, and a second session uploads nothing") {
  const Scratch scratch;
  write_tanh(scratch / "m.rdu", 4, 2);
  NodeProcess node({.program = {}, .data = scratch / "node", .arguments = {}});
  const LoadedModel first(node.device(), scratch / "m.rdu");
  expect_near(first.run(kX), 2);
  const std::uint64_t uploaded = node.status("bytes_in");
  const LoadedModel second(node.device(), scratch / "m.rdu");
  expect_near(second.run(kX), 2);
  CHECK(node.status("bytes_in") - uploaded < uploaded);
  CHECK(node.get("/live") == 200);
  CHECK(node.get("/ready") == 200);
  CHECK(node.get("/nothing") == 404);
  std::string metrics;
  CHECK(node.get("/metrics", metrics) == 200);
  CHECK(metrics.find("rdu_node_runs_total{device=\"cpu:\"} 2\n") != std::string::npos);
}

TEST_CASE("states survive the death of the worker, of the front end and of everything") {
  const Scratch scratch;
  write_running_total(scratch / "m.rdu", 4);
  const int snapshot_steps = GENERATE(2, 1000);
  NodeProcess node({.program = {},
                    .data = scratch / "node",
                    .arguments = {"--snapshot-steps", std::to_string(snapshot_steps)}});
  const LoadedModel model(node.device(), scratch / "m.rdu");
  const State state(model.program);
  float total = 0;
  const auto step = [&](float x) {
    total += x;
    CHECK(model.run({x, x, x, x}, &state) == std::vector<float>(4, total));
  };
  for (int i = 1; i <= 5; ++i) step(static_cast<float>(i));

  SECTION("worker") { kill_worker(node); }
  SECTION("front end") { ::kill(node.front_end(), SIGKILL); }
  SECTION("everything") {
    node.kill_all();
    node.begin();
  }
  std::this_thread::sleep_for(100ms);
  for (int i = 6; i <= 10; ++i) step(static_cast<float>(i));
  const State copy = state.clone();
  step(100);
  std::vector<float> read(4);
  copy.read("total", read);
  CHECK(read == std::vector<float>(4, 55));
  state.read("total", read);
  CHECK(read == std::vector<float>(4, 155));
}

TEST_CASE(
    "the death of a worker costs its own requests a clear status, and the next one succeeds") {
  const Scratch scratch;
  write_tanh(scratch / "m.rdu", 4, 2);
  NodeProcess node({.program = {},
                    .data = scratch / "node",
                    .arguments = {"--device", "cpu:", "--device", "reference:"}});
  const LoadedModel model(node.device(), scratch / "m.rdu");
  const LoadedModel other(node.device("reference:"), scratch / "m.rdu");
  expect_near(model.run(kX), 2);
  const std::vector<pid_t> before = node.workers();
  REQUIRE(before.size() == 2);
  ::kill(before[0], SIGABRT);
  const auto begin = std::chrono::steady_clock::now();
  expect_near(other.run(kX), 2);
  for (bool again = true; again;) {
    try {
      expect_near(model.run(kX), 2);
      again = false;
    } catch (const rdu::Error& error) {
      CHECK(error.code() == RDU_ERR_WORKER_LOST);
    }
    REQUIRE(std::chrono::steady_clock::now() - begin < 2s);
  }
  std::vector<pid_t> after = node.workers();
  for (int i = 0; i < 200 && std::count(after.begin(), after.end(), before[0]) != 0; ++i) {
    std::this_thread::sleep_for(10ms);
    after = node.workers();
  }
  CHECK(std::count(after.begin(), after.end(), before[1]) == 1);
  CHECK(std::count(after.begin(), after.end(), before[0]) == 0);
}

TEST_CASE("a peer that is told to end finishes, refuses, and goes") {
  const Scratch scratch;
  write_tanh(scratch / "m.rdu", 4, 2);
  NodeProcess node({.program = {}, .data = scratch / "node", .arguments = {}});
  const LoadedModel model(node.device(), scratch / "m.rdu");
  expect_near(model.run(kX), 2);
  node.signal(SIGTERM);
  CHECK(node.wait_for_end(5000) == 0);
}

TEST_CASE("addresses that others reach need keys") {
  const Scratch scratch;
  CHECK_THROWS(NodeProcess(
      {.program = {}, .data = scratch / "node", .arguments = {}, .bind = "tcp://0.0.0.0:0"}));
}

TEST_CASE("a folder belongs to one peer") {
  const Scratch scratch;
  NodeProcess node({.program = {}, .data = scratch / "node", .arguments = {}});
  CHECK_THROWS(NodeProcess({.program = {}, .data = scratch / "node", .arguments = {}}));
}

TEST_CASE("who is on the list comes in with a key, and who is taken off stays out") {
  LockedNode locked;
  write_tanh(locked.scratch / "m.rdu", 4, 2);
  {
    const LoadedModel model(locked.device("alice"), locked.scratch / "m.rdu");
    expect_near(model.run(kX), 2);
  }
  locked.allow({{"bob", "run"}});
  locked.node->signal(SIGHUP);
  std::this_thread::sleep_for(200ms);
  CHECK_THROWS_AS(LoadedModel(locked.device("alice"), locked.scratch / "m.rdu"), rdu::Error);
}

TEST_CASE("strangers are refused before a byte of theirs is looked at") {
  LockedNode locked;
  auto made = remote::Context::create();
  const std::shared_ptr<remote::Context> context = *made;
  const auto attempt = [&](const std::optional<CurveClient>& curve) {
    Result<Dealer> dealer = Dealer::connect(context, locked.node->endpoint(), {}, curve);
    REQUIRE(dealer.ok());
    std::vector<Frame> frames;
    frames.push_back(Frame::sized(64));
    frames.push_back(Frame::sized(8));
    static_cast<void>(dealer->send(frames));
    bool ready = false;
    for (int i = 0; i < 20; ++i) {
      PollItem items[] = {{.socket = &dealer->monitor()}};
      static_cast<void>(poll(items, 20));
      while (const auto event = dealer->next_event()) ready = ready || *event == LinkEvent::kReady;
    }
    return ready;
  };
  CHECK_FALSE(attempt(std::nullopt));
  CHECK_FALSE(attempt(CurveClient{locked.server.public_key, generate_keys()}));
  CHECK_FALSE(attempt(CurveClient{generate_keys().public_key, locked.clients.at("alice")}));
  CHECK(locked.node->status("messages_in") == 0);
  CHECK(attempt(CurveClient{locked.server.public_key, locked.clients.at("alice")}));
}

}  // namespace
}  // namespace rdu::remote::testing
