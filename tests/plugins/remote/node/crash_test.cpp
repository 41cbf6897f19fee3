// A device that crashes, leaves or hangs costs its own requests a clear status, and nobody else anything.
#include <signal.h>

#include <atomic>
#include <catch2/catch.hpp>
#include <chrono>
#include <thread>

#include "tests/plugins/remote/node/node_process.hpp"
#include "tests/plugins/remote/node/scratch.hpp"
#include "tests/plugins/remote/node/small_models.hpp"
#include "tests/plugins/remote/trouble/trouble.hpp"

namespace rdu::remote::testing {
namespace {

using namespace std::chrono_literals;
using Clock = std::chrono::steady_clock;

constexpr int kDepth = 2;
const std::vector<float> kX = {0.5f, -1.0f, 2.0f, 0.0f};

NodeProcess node_with_trouble(const Scratch& scratch) {
  write_tanh(scratch / "m.rdu", 4, kDepth);
  return NodeProcess(
      {.program = {},
       .data = scratch / "node",
       .arguments = {"--plugin-path", RDU_TROUBLE_FOLDER, "--device", "trouble:", "--device",
                     "cpu:", "--hang-seconds", "1", "--longest-run-seconds", "1"}});
}

// How the run of a wish ended.
rdu_code code_of(const LoadedModel& model, float wish, std::string& words,
                 std::uint64_t timeout_us = 0) {
  try {
    model.run({wish, 0, 0, 0}, nullptr, timeout_us);
  } catch (const rdu::Error& error) {
    words = error.what();
    return error.code();
  }
  return RDU_OK;
}

// Runs on the other device all the time; each must be right, and none may be slow.
class Bystander {
 public:
  explicit Bystander(const LoadedModel& model) : thread_([this, &model] { work(model); }) {}
  ~Bystander() { stop(); }
  void stop() {
    stop_ = true;
    if (thread_.joinable()) thread_.join();
  }
  int runs() const { return runs_; }
  int wrong() const { return wrong_; }

 private:
  void work(const LoadedModel& model) {
    while (!stop_) {
      try {
        const std::vector<float> y = model.run(kX);
        for (std::size_t i = 0; i < y.size(); ++i)
          if (std::abs(y[i] - tanh_of(kX[i], kDepth)) > 1e-5f) ++wrong_;
      } catch (const rdu::Error&) {
        ++wrong_;
      }
      ++runs_;
    }
  }

  std::atomic<bool> stop_ = false;
  std::atomic<int> runs_ = 0, wrong_ = 0;
  std::thread thread_;
};

TEST_CASE("a device that crashes or leaves costs one request, and works again within two seconds") {
  const Scratch scratch;
  NodeProcess node = node_with_trouble(scratch);
  const LoadedModel trouble(node.device("trouble:"), scratch / "m.rdu");
  const LoadedModel other(node.device("cpu:"), scratch / "m.rdu");
  REQUIRE(trouble.run(kX) == kX);
  const std::uint64_t cpu_worker = static_cast<std::uint64_t>(node.workers()[1]);
  Bystander bystander(other);
  for (const float wish : {rdu::trouble::kAbort, rdu::trouble::kCrash, rdu::trouble::kExit}) {
    std::string words;
    CHECK(code_of(trouble, wish, words) == RDU_ERR_WORKER_LOST);
    CHECK(words.find("worker of trouble:") != std::string::npos);
    const auto begin = Clock::now();
    CHECK(trouble.run(kX) == kX);
    CHECK(Clock::now() - begin < 2s);
  }
  bystander.stop();
  CHECK(bystander.runs() > 0);
  CHECK(bystander.wrong() == 0);
  CHECK(static_cast<std::uint64_t>(node.workers()[0]) == cpu_worker);
}

TEST_CASE("a worker that dies while a model is loaded costs no more than a moment") {
  const Scratch scratch;
  write_tanh(scratch / "m.rdu", 4, kDepth);
  NodeProcess node(
      {.program = {},
       .data = scratch / "node",
       .arguments = {"--plugin-path", RDU_TROUBLE_FOLDER, "--device", "trouble:?load_us=200000"}});
  const LoadedModel trouble(node.device("trouble:%3Fload_us=200000"), scratch / "m.rdu");
  REQUIRE(trouble.run(kX) == kX);
  // The client loads again over its new connection, into workers that die under it.
  ::kill(node.front_end(), SIGKILL);
  for (int i = 0; i < 10; ++i) {
    std::this_thread::sleep_for(100ms);
    for (const pid_t worker : node.workers()) ::kill(worker, SIGKILL);
  }
  const auto begin = Clock::now();
  CHECK(trouble.run(kX) == kX);
  CHECK(Clock::now() - begin < 5s);
}

TEST_CASE("a device that hangs is ended some time after the deadline, and works again") {
  const Scratch scratch;
  NodeProcess node = node_with_trouble(scratch);
  const LoadedModel trouble(node.device("trouble:"), scratch / "m.rdu");
  const LoadedModel other(node.device("cpu:"), scratch / "m.rdu");
  Bystander bystander(other);
  std::string words;
  // Without a deadline: the peer has one.
  CHECK(code_of(trouble, rdu::trouble::kHang, words) == RDU_ERR_WORKER_LOST);
  CHECK(words.find("did not answer in time") != std::string::npos);
  auto begin = Clock::now();
  CHECK(trouble.run(kX) == kX);
  CHECK(Clock::now() - begin < 2s);
  // With one, the caller has his answer by then, and the others the device, before the peer has noticed anything.
  begin = Clock::now();
  CHECK(code_of(trouble, rdu::trouble::kHang, words, 100'000) == RDU_ERR_DEADLINE_EXCEEDED);
  CHECK(trouble.run(kX) == kX);
  CHECK(Clock::now() - begin < 2s);
  while (node.status("restarts") < 2 && Clock::now() - begin < 5s)
    std::this_thread::sleep_for(20ms);
  CHECK(node.status("restarts") == 2);
  CHECK(trouble.run(kX) == kX);
  bystander.stop();
  CHECK(bystander.runs() > 0);
  CHECK(bystander.wrong() == 0);
}

}  // namespace
}  // namespace rdu::remote::testing
