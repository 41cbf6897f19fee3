// Stateful runs while the peer is killed and paused: no effect may be lost or done twice.
#include <signal.h>

#include <algorithm>
#include <atomic>
#include <chrono>
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

constexpr int kStreams = 2;
constexpr std::int64_t kWidth = 64;

struct Trouble {
  std::uint64_t kills = 0, pauses = 0;
};

// What a stream adds in each step: whole numbers, so that totals are exact and every mistake stays visible.
float addend(std::uint64_t step, int stream) {
  return static_cast<float>((step * 7 + static_cast<std::uint64_t>(stream)) % 13);
}

struct Stream {
  std::uint64_t steps = 0, wrong = 0, errors = 0;
};

void run_stream(const LoadedModel& model, int number, std::uint64_t steps, Stream& stream,
                std::atomic<std::uint64_t>& done) {
  const State state(model.program);
  float total = 0;
  for (std::uint64_t step = 0; step < steps; ++step) {
    total += addend(step, number);
    try {
      const std::vector<float> y =
          model.run(std::vector<float>(kWidth, addend(step, number)), &state);
      if (y != std::vector<float>(kWidth, total)) ++stream.wrong;
      total = y.front();
    } catch (const rdu::Error& error) {
      if (++stream.errors < 5) std::printf("stream %d, step %lu: %s\n", number, step, error.what());
    }
    ++stream.steps;
    ++done;
  }
  std::vector<float> last(kWidth);
  state.read("total", last);
  float expected = 0;
  for (std::uint64_t step = 0; step < steps; ++step) expected += addend(step, number);
  if (last != std::vector<float>(kWidth, expected)) ++stream.wrong;
}

// One of: everything dies, the front end dies, a worker dies; or everything stands still for a moment.
void make_trouble(NodeProcess& node, std::mt19937& random, bool pause) {
  if (pause) {
    const pid_t front = node.front_end();
    if (front > 0) ::kill(front, SIGSTOP);
    std::this_thread::sleep_for(std::chrono::milliseconds(20 + random() % 100));
    if (front > 0) ::kill(front, SIGCONT);
    return;
  }
  switch (random() % 3) {
    case 0:
      node.kill_all();
      return node.begin();
    case 1:
      if (const pid_t front = node.front_end(); front > 0) ::kill(front, SIGKILL);
      return;
    default:
      for (const pid_t worker : node.workers()) ::kill(worker, SIGKILL);
  }
}

}  // namespace

std::uint64_t drill_states() {
  const std::uint64_t steps = count(100'000, 4'000) / kStreams;
  const Trouble wanted{count(300, 9), count(100, 3)};
  const testing::Scratch scratch;
  testing::write_running_total(scratch / "m.rdu", kWidth);
  NodeProcess node(
      {.program = {}, .data = scratch / "node", .arguments = {"--snapshot-steps", "500"}});
  const LoadedModel model(node.device() + "?timeout_ms=60000", scratch / "m.rdu");
  std::atomic<std::uint64_t> done{0};
  std::vector<Stream> streams(kStreams);
  const auto begin = std::chrono::steady_clock::now();
  std::vector<std::thread> threads;
  for (int i = 0; i < kStreams; ++i) {
    threads.emplace_back(
        [&, i] { run_stream(model, i, steps, streams[static_cast<std::size_t>(i)], done); });
  }
  // Trouble comes with progress, so that all of it falls between the first run and the last.
  std::mt19937 random(1);
  Trouble made;
  const std::uint64_t events = wanted.kills + wanted.pauses;
  for (std::uint64_t event = 0; event < events; ++event) {
    while (done < (event + 1) * steps * kStreams / (events + 2)) std::this_thread::sleep_for(1ms);
    const bool pause = event % 4 == 3;
    make_trouble(node, random, pause);
    ++(pause ? made.pauses : made.kills);
  }
  for (std::thread& thread : threads) thread.join();
  std::uint64_t wrong = 0, errors = 0;
  for (const Stream& stream : streams) {
    wrong += stream.wrong;
    errors += stream.errors;
  }
  const double seconds =
      std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count();
  std::printf(
      "states: %lu effects, %lu kills, %lu pauses, %.1f s: %lu wrong answers, %lu errors; repeated "
      "and answered from the journal: %lu\n",
      done.load(), made.kills, made.pauses, seconds, wrong, errors, node.status("repeats"));
  return wrong + errors;
}

}  // namespace rdu::remote::drill
