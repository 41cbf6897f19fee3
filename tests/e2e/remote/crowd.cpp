// A thousand clients, a hundred of them at work, others coming and going: the peer grows no fatter, and forgets nothing that
// it opened. It is always the same hundred: ZeroMQ's queues take up to 64 KB for each connection as messages pass, and keep
// them, so a peer is as large as it gets when each active one has said a few hundred things.
#include <chrono>
#include <cmath>
#include <cstdio>
#include <thread>

#include "tests/e2e/remote/crowd_of_clients.hpp"
#include "tests/e2e/remote/drill.hpp"
#include "tests/e2e/remote/knock.hpp"
#include "tests/e2e/remote/process_size.hpp"
#include "tests/plugins/remote/node/node_process.hpp"
#include "tests/plugins/remote/node/scratch.hpp"
#include "tests/plugins/remote/node/small_models.hpp"

namespace rdu::remote::drill {

namespace {

using namespace std::chrono_literals;
using Clock = std::chrono::steady_clock;

constexpr std::size_t kClients = 1000, kActive = 100;
constexpr std::int64_t kWidth = 256;
constexpr auto kStep = 100ms;   // in which each active client runs once
constexpr auto kChurn = 200ms;  // one goes, another comes
constexpr std::uint64_t kMostGrowth = 16u << 20;
constexpr std::uint64_t kMostLeft = 8;  // descriptors that are still about to be closed

std::vector<pid_t> processes_of(const testing::NodeProcess& node) {
  std::vector<pid_t> all = node.workers();
  all.push_back(node.front_end());
  return all;
}

double mib(std::uint64_t bytes) { return static_cast<double>(bytes) / (1u << 20); }

struct Figures {
  std::chrono::seconds time;
  std::uint64_t asked, results, others, replaced;
  ProcessSize empty, early, most,
      after;  // without clients, after a tenth, at any time, without them again
};

std::uint64_t judge(const Figures& f) {
  const std::uint64_t growth = f.most.rss_bytes - std::min(f.most.rss_bytes, f.early.rss_bytes);
  std::printf(
      "crowd: %zu clients, %zu active, %lu replaced, %ld s: %lu of %lu runs answered; rss %.1f MiB "
      "empty, %.1f after a tenth, at most %.1f (growth %.1f); descriptors %lu empty, %lu early, at "
      "most %lu, %lu when all had left\n",
      kClients, kActive, f.replaced, static_cast<long>(f.time.count()), f.results, f.asked,
      mib(f.empty.rss_bytes), mib(f.early.rss_bytes), mib(f.most.rss_bytes), mib(growth),
      f.empty.descriptors, f.early.descriptors, f.most.descriptors, f.after.descriptors);
  return (f.results == f.asked && f.others == 0 ? 0 : 1) +
         (growth < kMostGrowth || kInstrumented ? 0 : 1) +
         (f.most.descriptors <= f.early.descriptors + kMostLeft ? 0 : 1) +
         (f.after.descriptors <= f.empty.descriptors + kMostLeft ? 0 : 1);
}

}  // namespace

std::uint64_t drill_crowd() {
  raise_file_limit();
  // The first tenth is not judged: what is made once is made there.
  const auto time = full() ? std::chrono::seconds(600) : std::chrono::seconds(8);
  const testing::Scratch scratch;
  testing::write_tanh(scratch / "m.rdu", kWidth, 1);
  testing::NodeProcess node({.program = {}, .data = scratch / "node", .arguments = {}});
  { const testing::LoadedModel shipped(node.device(), scratch / "m.rdu"); }
  std::uint64_t results = 0, others = 0;
  CrowdOfClients crowd(node.endpoint(), testing::only_artifact(scratch / "node"),
                       "cpu:", [&](std::size_t, const testing::Heard& heard) {
                         ++(heard.prefix.type == MessageType::kResult ? results : others);
                       });
  const std::vector<pid_t> processes = processes_of(node);
  const ProcessSize empty = size_of(processes);
  crowd.add(kClients);
  const std::vector<std::byte> input(kWidth * 4);
  const auto begin = Clock::now();
  auto next_churn = begin;
  ProcessSize early{}, most{};
  std::uint64_t asked = 0, replaced = 0;
  while (Clock::now() - begin < time) {
    const auto step = Clock::now() + kStep;
    for (std::size_t i = 0; i < kActive; ++i, ++asked) {
      crowd.run(i, input);
      if (i % 10 == 9) crowd.listen(Clock::now() + kStep / 20);
    }
    crowd.listen(step);
    if (Clock::now() >= next_churn) {
      next_churn += kChurn;
      crowd.replace(kActive + ++replaced % (kClients - kActive));
    }
    const ProcessSize now = size_of(processes);
    if (early.descriptors == 0 || Clock::now() - begin < time / 10) early = now;
    most.rss_bytes = std::max(most.rss_bytes, now.rss_bytes);
    most.descriptors = std::max(most.descriptors, now.descriptors);
  }
  crowd.listen(Clock::now() + 1s);
  crowd.leave();
  ProcessSize after = size_of(processes);
  for (int i = 0; i < 100 && after.descriptors > empty.descriptors + kMostLeft; ++i) {
    std::this_thread::sleep_for(100ms);
    after = size_of(processes);
  }
  const Figures figures = {time, asked, results, others, replaced, empty, early, most, after};
  return judge(figures) + (processes_of(node) == processes ? 0 : 1);
}

}  // namespace rdu::remote::drill
