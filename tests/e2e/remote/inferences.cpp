// Pure runs on two peers while either is killed: every answer comes, and is right.
#include <algorithm>
#include <atomic>
#include <chrono>
#include <cmath>
#include <cstdio>
#include <random>
#include <thread>

#include "tests/e2e/remote/drill.hpp"
#include "tests/plugins/remote/node/node_process.hpp"
#include "tests/plugins/remote/node/scratch.hpp"
#include "tests/plugins/remote/node/small_models.hpp"

namespace rdu::remote::drill {

namespace {

using namespace std::chrono_literals;
using testing::LoadedModel;
using testing::NodeProcess;

constexpr int kThreads = 4;
constexpr std::int64_t kWidth = 64;
constexpr int kDepth = 3;

struct Tally {
  std::atomic<std::uint64_t> done{0}, wrong{0}, lost{0};
};

void run_many(const LoadedModel& model, std::uint64_t runs, unsigned seed, Tally& tally) {
  std::mt19937 random(seed);
  for (std::uint64_t i = 0; i < runs; ++i) {
    std::vector<float> x(kWidth);
    for (float& each : x) each = static_cast<float>(random() % 2000) / 1000.0f - 1.0f;
    try {
      const std::vector<float> y = model.run(x);
      for (std::size_t k = 0; k < x.size(); ++k) {
        if (std::abs(y[k] - testing::tanh_of(x[k], kDepth)) > 1e-5f) {
          ++tally.wrong;
          break;
        }
      }
    } catch (const rdu::Error& error) {
      if (++tally.lost < 5) std::printf("run %lu: %s\n", i, error.what());
    }
    ++tally.done;
  }
}

}  // namespace

std::uint64_t drill_inferences() {
  const std::uint64_t runs = count(20'000, 2'000);
  const std::uint64_t kills = count(100, 6);
  const testing::Scratch scratch;
  testing::write_tanh(scratch / "m.rdu", kWidth, kDepth);
  NodeProcess first({.program = {}, .data = scratch / "first", .arguments = {}});
  NodeProcess second({.program = {}, .data = scratch / "second", .arguments = {}});
  const std::string uri = first.device() + "," + second.device().substr(7) + "?timeout_ms=60000";
  const LoadedModel model(uri, scratch / "m.rdu");
  Tally tally;
  std::vector<std::thread> threads;
  const auto begin = std::chrono::steady_clock::now();
  for (unsigned t = 0; t < kThreads; ++t)
    threads.emplace_back([&, t] { run_many(model, runs / kThreads, t, tally); });
  std::mt19937 random(2);
  for (std::uint64_t kill = 0; kill < kills; ++kill) {
    while (tally.done < (kill + 1) * runs / (kills + 2)) std::this_thread::sleep_for(1ms);
    NodeProcess& node = random() % 2 == 0 ? first : second;
    node.kill_all();
    std::this_thread::sleep_for(std::chrono::milliseconds(random() % 50));
    node.begin();
  }
  for (std::thread& thread : threads) thread.join();
  const double seconds =
      std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count();
  std::printf("inferences: %lu on two peers, %lu kills, %.1f s: %lu lost, %lu wrong\n",
              tally.done.load(), kills, seconds, tally.lost.load(), tally.wrong.load());
  return tally.lost + tally.wrong;
}

}  // namespace rdu::remote::drill
