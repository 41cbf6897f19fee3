// The team of workers: every task runs once, on a worker of its own, however regions follow each other and whoever calls.
#include "plugins/cpu/flow.hpp"

#include <time.h>

#include <atomic>
#include <catch2/catch.hpp>
#include <new>
#include <thread>
#include <vector>

namespace rdu::cpu {
namespace {

void sleep_ms(long ms) {
  const timespec time{0, ms * 1'000'000};
  nanosleep(&time, nullptr);
}

// Runs a region and looks at what ran; what workers write without atomics is theirs alone until the region ends.
void check_region(const Flow& flow, std::int64_t count) {
  std::vector<int> runs(static_cast<std::size_t>(count), 0);
  std::vector<std::atomic<int>> busy(flow.threads());
  std::atomic<int> mistakes{0};
  flow.parallel(count, [&](std::int64_t task, std::uint32_t worker) {
    if (worker >= flow.threads() || busy[worker].fetch_add(1) != 0) ++mistakes;
    ++runs[static_cast<std::size_t>(task)];
    busy[worker].fetch_sub(1);
  });
  for (const int run : runs) {
    if (run != 1) ++mistakes;
  }
  REQUIRE(mistakes.load() == 0);
}

TEST_CASE("every task of a region runs once") {
  for (const std::uint32_t threads : {1u, 2u, 4u}) {
    const Flow flow(threads);
    for (const std::int64_t count : {0, 1, 2, 3, 7, 64, 1000}) {
      for (int i = 0; i < 50; ++i) check_region(flow, count);
    }
  }
}

TEST_CASE("workers that fell asleep come back") {
  const Flow flow(3);
  for (int i = 0; i < 5; ++i) {
    sleep_ms(3);  // longer than they stay awake
    const Flow::Attention attention(flow, i % 2 == 0);
    check_region(flow, 8);
  }
}

TEST_CASE("a flow that never works ends") {
  for (int i = 0; i < 20; ++i) const Flow flow(4);
}

TEST_CASE("threads that meet in a flow all get their work done") {
  const Flow flow(2);
  std::atomic<std::int64_t> done{0};
  std::vector<std::thread> callers;
  for (int c = 0; c < 3; ++c) {
    callers.emplace_back([&] {
      for (int i = 0; i < 500; ++i) {
        std::int64_t own[9] = {};
        flow.parallel(9, [&](std::int64_t task, std::uint32_t) { own[task] = task + 1; });
        std::int64_t sum = 0;
        for (const std::int64_t value : own) sum += value;
        done.fetch_add(sum);
      }
    });
  }
  for (std::thread& caller : callers) caller.join();
  REQUIRE(done.load() == 3 * 500 * 45);
}

TEST_CASE("what a task throws reaches the caller when all tasks are done") {
  for (const std::uint32_t threads : {2u, 4u}) {
    const Flow flow(threads);
    for (int i = 0; i < 100; ++i) {
      std::atomic<int> ran{0};
      const auto throws = [&](std::int64_t task, std::uint32_t) {
        ++ran;
        if (task % 2 == 0) throw std::bad_alloc();
      };
      REQUIRE_THROWS_AS(flow.parallel(8, throws), std::bad_alloc);
      REQUIRE(ran.load() == 8);
      check_region(flow, 8);
    }
  }
}

TEST_CASE("a region inside a task is done by whoever runs the task") {
  const Flow flow(2);
  std::atomic<int> done{0};
  flow.parallel(6, [&](std::int64_t, std::uint32_t) {
    flow.parallel(5, [&](std::int64_t, std::uint32_t) { ++done; });
  });
  REQUIRE(done.load() == 30);
}

}  // namespace
}  // namespace rdu::cpu
