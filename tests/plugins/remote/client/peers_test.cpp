// The device over real peers that are killed, paused and started again: every run ends, right or with the reason.
#include <signal.h>
#include <stdlib.h>

#include <atomic>
#include <catch2/catch.hpp>
#include <chrono>
#include <filesystem>
#include <thread>

#include "tests/plugins/remote/node/node_process.hpp"
#include "tests/plugins/remote/node/small_models.hpp"

using namespace std::chrono_literals;
using rdu::remote::testing::LoadedModel;
using rdu::remote::testing::NodeProcess;
using rdu::remote::testing::NodeProcessOptions;

namespace {

namespace fs = std::filesystem;
using Clock = std::chrono::steady_clock;

constexpr std::int64_t kWidth = 5000;  // above what is copied, so memory is borrowed or shared
constexpr int kDepth = 3;

class Folder {
 public:
  Folder() {
    char name[] = "/tmp/rdu-peers-XXXXXX";
    REQUIRE(mkdtemp(name) != nullptr);
    path_ = name;
    rdu::remote::testing::write_tanh(model(), kWidth, kDepth);
    rdu::remote::testing::write_running_total(total(), 4);
  }
  ~Folder() { fs::remove_all(path_); }
  std::string operator()(const std::string& name) const { return (path_ / name).string(); }
  std::string model() const { return (*this)("tanh.rdu"); }
  std::string total() const { return (*this)("total.rdu"); }

 private:
  fs::path path_;
};

NodeProcessOptions options(const Folder& folder, const std::string& name) {
  NodeProcessOptions made;
  made.data = folder(name);
  made.arguments = {"--threads", "1"};
  return made;
}

bool is_right(const std::vector<float>& y, float x) {
  const float expected = rdu::remote::testing::tanh_of(x, kDepth);
  return std::all_of(y.begin(), y.end(), [&](float v) { return std::abs(v - expected) < 1e-5f; });
}

// The same words as a failed call.
rdu_code code_of(const std::function<void()>& call) {
  try {
    call();
  } catch (const rdu::Error& error) {
    return error.code();
  }
  return RDU_OK;
}

}  // namespace

TEST_CASE("two peers are one device, and the death of one costs no run") {
  const Folder folder;
  NodeProcess one(options(folder, "one")), two(options(folder, "two"));
  const LoadedModel model(one.device() + "," + two.endpoint() + "/cpu:?liveness_ms=2000",
                          folder.model());
  std::atomic<int> right = 0;
  std::atomic<bool> stop = false;
  std::vector<std::thread> threads;
  std::atomic<int> asked = 0;
  for (int t = 0; t < 4; ++t) {
    threads.emplace_back([&, t] {
      const std::vector<float> x(kWidth, 0.1f * static_cast<float>(t + 1));
      while (!stop) {
        ++asked;
        if (is_right(model.run(x), x[0])) ++right;
      }
    });
  }
  for (int round = 0; round < 3; ++round) {
    NodeProcess& victim = round % 2 == 0 ? one : two;
    std::this_thread::sleep_for(200ms);
    victim.kill_all();
    std::this_thread::sleep_for(300ms);
    victim.begin();
    std::this_thread::sleep_for(300ms);
  }
  stop = true;
  for (std::thread& thread : threads) thread.join();
  CHECK(asked > 20);
  CHECK(right == asked);
}

TEST_CASE("a peer that starts again has the model again, and the run waits for it") {
  const Folder folder;
  NodeProcess node(options(folder, "node"));
  const LoadedModel model(node.device(), folder.model());
  const std::vector<float> x(kWidth, 0.5f);
  REQUIRE(is_right(model.run(x), 0.5f));
  node.kill_all();
  bool right = false;
  std::thread run([&] { right = is_right(model.run(x), 0.5f); });
  std::this_thread::sleep_for(400ms);
  // From this thread: a peer dies with the thread that began it.
  node.begin();
  run.join();
  CHECK(right);
}

TEST_CASE("without any peer a run ends within its patience, and says who is away") {
  const Folder folder;
  NodeProcess node(options(folder, "node"));
  const LoadedModel model(node.device() + "?timeout_ms=500", folder.model());
  const std::vector<float> x(kWidth, 0.5f);
  REQUIRE(is_right(model.run(x), 0.5f));
  node.kill_all();
  const auto begin = Clock::now();
  CHECK(code_of([&] { model.run(x); }) == RDU_ERR_WORKER_LOST);
  CHECK(Clock::now() - begin < 5s);
}

TEST_CASE("with a fallback the run ends here, with the same bits") {
  const Folder folder;
  NodeProcess node(options(folder, "node"));
  const LoadedModel model(node.device() + "?fallback=cpu:&timeout_ms=300", folder.model());
  const std::vector<float> x(kWidth, 0.5f);
  const std::vector<float> there = model.run(x);
  node.kill_all();
  CHECK(model.run(x) == there);
  CHECK(model.run(x) == there);
  node.begin();
  CHECK(model.run(x) == there);
}

TEST_CASE("a deadline ends a run on a peer that stands still, and the next run works") {
  const Folder folder;
  NodeProcess node(options(folder, "node"));
  const LoadedModel model(node.device() + "?liveness_ms=20000", folder.model());
  const std::vector<float> x(kWidth, 0.5f);
  REQUIRE(is_right(model.run(x), 0.5f));
  kill(node.front_end(), SIGSTOP);
  const auto begin = Clock::now();
  const rdu_code code = code_of([&] { model.run(x, nullptr, 200'000); });
  const auto took = Clock::now() - begin;
  kill(node.front_end(), SIGCONT);
  CHECK(code == RDU_ERR_DEADLINE_EXCEEDED);
  CHECK(took > 150ms);
  CHECK(took < 3s);
  CHECK(is_right(model.run(x), 0.5f));
}

TEST_CASE("shared memory and frames give the same bits") {
  const Folder folder;
  NodeProcess node(options(folder, "node"));
  const LoadedModel shared(node.device(), folder.model()),
      frames(node.device() + "?shared_memory=0", folder.model());
  for (int i = 0; i < 20; ++i) {
    const std::vector<float> x(kWidth, 0.05f * static_cast<float>(i));
    CHECK(shared.run(x) == frames.run(x));
  }
}

TEST_CASE("a state at a peer counts each run once, over deaths of the peer") {
  const Folder folder;
  NodeProcess node(options(folder, "node"));
  const LoadedModel model(node.device(), folder.total());
  const rdu::State state(model.program);
  const std::vector<float> one(4, 1.0f);
  for (int i = 1; i <= 60; ++i) {
    if (i % 20 == 10) {
      node.kill_all();
      node.begin();
    }
    REQUIRE(model.run(one, &state)[0] == static_cast<float>(i));
  }
}

TEST_CASE("a device that no peer offers is refused with what there is") {
  const Folder folder;
  NodeProcess node(options(folder, "node"));
  const rdu::Context context;
  try {
    context.open_device(node.device("rdu:nothing"));
    FAIL("opened");
  } catch (const rdu::Error& error) {
    CHECK(error.code() == RDU_ERR_NOT_FOUND);
    CHECK(std::string(error.what()).find("cpu:") != std::string::npos);
  }
}
