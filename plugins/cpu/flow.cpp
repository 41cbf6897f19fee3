// A team of workers that stay awake for a moment after each region, so that the next one costs a fraction of a
// microsecond; a thread that sleeps needs fifty to come back. Tasks are dealt out in equal shares; who is done early takes
// from the end of the others' shares.
#include "plugins/cpu/flow.hpp"

#include <pthread.h>
#include <sched.h>
#include <time.h>

#include <atomic>
#include <exception>
#include <system_error>
#include <thread>
#include <utility>
#include <vector>

#if defined(__x86_64__)
#include <immintrin.h>
#endif

namespace rdu::cpu {
namespace {

constexpr std::size_t kLine = 64;
constexpr std::uint64_t kBusyNs = 50'000;  // a worker looks for work without pause
constexpr std::uint64_t kAwakeNs =
    500'000;  // then leaves its processor to others in between; then sleeps
constexpr std::uint64_t kBriskNs =
    100'000;                       // a run that begins so soon after another is one of many
constexpr int kLooksPerTime = 64;  // between two looks at the clock

std::uint64_t now_ns() {
  timespec now{};
  clock_gettime(CLOCK_MONOTONIC, &now);
  return static_cast<std::uint64_t>(now.tv_sec) * 1'000'000'000u +
         static_cast<std::uint64_t>(now.tv_nsec);
}

void relax() {
#if defined(__x86_64__)
  _mm_pause();
#elif defined(__aarch64__)
  asm volatile("yield");
#endif
}

// Looks for something again and again: without pause at first, then from time to time, which tells when it is enough.
class Patience {
 public:
  // False once `limit_ns` have passed. `idle`: nothing is likely to come soon, so others are let in from the start.
  bool wait(std::uint64_t limit_ns, bool idle = false) {
    relax();
    if (++looks_ % kLooksPerTime != 0) return true;
    const std::uint64_t now = now_ns();
    if (begin_ns_ == 0) begin_ns_ = now;
    if (idle || now - begin_ns_ > kBusyNs) sched_yield();
    return now - begin_ns_ <= limit_ns;
  }

 private:
  int looks_ = 0;
  std::uint64_t begin_ns_ = 0;
};

// The tasks that one member has left: [first, end), taken by itself from the front and by others from the end.
class alignas(kLine) Share {
 public:
  void deal(std::uint32_t first, std::uint32_t end) {
    range_.store(pack(first, end), std::memory_order_relaxed);
  }
  bool take_first(std::uint32_t& out) {
    std::uint64_t range = range_.load(std::memory_order_relaxed);
    while (first_of(range) < end_of(range)) {
      out = first_of(range);
      if (swap(range, pack(out + 1, end_of(range)))) return true;
    }
    return false;
  }
  bool take_last(std::uint32_t& out) {
    std::uint64_t range = range_.load(std::memory_order_relaxed);
    while (first_of(range) < end_of(range)) {
      out = end_of(range) - 1;
      if (swap(range, pack(first_of(range), out))) return true;
    }
    return false;
  }

 private:
  static std::uint64_t pack(std::uint32_t first, std::uint32_t end) {
    return static_cast<std::uint64_t>(first) << 32 | end;
  }
  static std::uint32_t first_of(std::uint64_t range) {
    return static_cast<std::uint32_t>(range >> 32);
  }
  static std::uint32_t end_of(std::uint64_t range) { return static_cast<std::uint32_t>(range); }
  bool swap(std::uint64_t& seen, std::uint64_t wanted) {
    return range_.compare_exchange_weak(seen, wanted, std::memory_order_relaxed);
  }

  std::atomic<std::uint64_t> range_{0};
};

}  // namespace

// A region is open while the gate says so; a worker enters by counting itself in, and the caller leaves when the gate is
// closed and nobody is inside. So nobody touches a region that is over, however late he wakes.
class Flow::Team {
 public:
  explicit Team(std::uint32_t workers) : shares_(workers + 1) {
    try {
      for (std::uint32_t w = 1; w <= workers; ++w) threads_.emplace_back([this, w] { work(w); });
    } catch (const std::system_error&) {  // the system has no more: those that are there do
    }
  }

  ~Team() {
    ends_.store(true);
    wake();
    for (std::thread& thread : threads_) thread.join();
  }

  void wake() {
    if (sleepers_.load() == 0) return;
    calls_.fetch_add(1);
    calls_.notify_all();
  }

  // False: the workers are not worth being woken.
  bool begin_run(bool is_short) {
    const std::uint64_t pause = now_ns() - ended_ns_.load(std::memory_order_relaxed);
    const bool brisk = runs_.fetch_add(1, std::memory_order_relaxed) != 0 || pause < kBriskNs;
    brisk_.store(brisk, std::memory_order_relaxed);
    if (is_short && !brisk && sleepers_.load(std::memory_order_relaxed) == threads_.size()) {
      return false;
    }
    wake();
    return true;
  }
  void end_run() {
    ended_ns_.store(now_ns(), std::memory_order_relaxed);
    runs_.fetch_sub(1, std::memory_order_relaxed);
  }

  // False where the team helps somebody else, or this caller already.
  bool run(std::uint32_t count, FunctionRef<void(std::int64_t, std::uint32_t)> task) {
    if (taken_.test_and_set(std::memory_order_acquire)) return false;
    const auto members = static_cast<std::uint32_t>(threads_.size()) + 1;
    for (std::uint32_t m = 0; m < members; ++m) {
      shares_[m].deal(share(count, m, members), share(count, m + 1, members));
    }
    task_ = &task;
    const std::uint64_t number = (gate_.load(std::memory_order_relaxed) >> kNumberShift) + 1;
    gate_.store(number << kNumberShift | kOpen);
    wake();
    run_tasks(0);
    gate_.fetch_and(~kOpen, std::memory_order_relaxed);
    for (Patience patience; (gate_.load(std::memory_order_acquire) & kInside) != 0;) {
      patience.wait(0);
    }
    const std::exception_ptr failure = std::exchange(failure_, nullptr);
    failed_.store(false, std::memory_order_relaxed);
    taken_.clear(std::memory_order_release);
    if (failure != nullptr) std::rethrow_exception(failure);
    return true;
  }

 private:
  static constexpr std::uint64_t kInside = 0xffff, kOpen = 0x10000;
  static constexpr int kNumberShift = 17;

  static std::uint32_t share(std::uint32_t count, std::uint32_t member, std::uint32_t members) {
    return static_cast<std::uint32_t>(static_cast<std::uint64_t>(count) * member / members);
  }

  void run_tasks(std::uint32_t member) {
    std::uint32_t task = 0;
    while (shares_[member].take_first(task)) run_task(task, member);
    const auto members = static_cast<std::uint32_t>(threads_.size()) + 1;
    for (std::uint32_t i = 1; i < members; ++i) {
      Share& other = shares_[(member + i) % members];
      while (other.take_last(task)) run_task(task, member);
    }
  }

  // The caller learns of the first exception when the region is over.
  void run_task(std::uint32_t task, std::uint32_t member) {
    try {
      (*task_)(task, member);
    } catch (...) {
      if (!failed_.exchange(true)) failure_ = std::current_exception();
    }
  }

  void work(std::uint32_t worker) {
    pthread_setname_np(pthread_self(), "rdu-cpu");
    std::uint64_t seen = 0;
    while (wait_for_region(seen)) {
      if (!enter(seen)) continue;
      run_tasks(worker);
      gate_.fetch_sub(1, std::memory_order_release);
    }
  }

  // Until the gate is open to a region other than `seen`; false when the team ends.
  bool wait_for_region(std::uint64_t seen) {
    Patience patience;
    for (;;) {
      if (is_new(gate_.load(std::memory_order_relaxed), seen)) return true;
      if (ends_.load(std::memory_order_relaxed)) return false;
      const bool idle = runs_.load(std::memory_order_relaxed) == 0;
      const bool over = idle && !brisk_.load(std::memory_order_relaxed);
      if (patience.wait(over ? 0 : kAwakeNs, idle)) continue;
      sleep(seen);
      patience = {};
    }
  }

  // Whoever opens the gate or ends the team does so before he asks for sleepers.
  void sleep(std::uint64_t seen) {
    const std::uint32_t calls = calls_.load();
    sleepers_.fetch_add(1);
    if (!is_new(gate_.load(), seen) && !ends_.load()) calls_.wait(calls);
    sleepers_.fetch_sub(1);
  }

  static bool is_new(std::uint64_t gate, std::uint64_t seen) {
    return (gate & kOpen) != 0 && gate >> kNumberShift != seen;
  }

  bool enter(std::uint64_t& seen) {
    std::uint64_t gate = gate_.load(std::memory_order_relaxed);
    while (is_new(gate, seen)) {
      if (!gate_.compare_exchange_weak(gate, gate + 1, std::memory_order_acquire)) continue;
      seen = gate >> kNumberShift;
      return true;
    }
    return false;
  }

  std::vector<Share> shares_;  // the caller's first
  std::vector<std::thread> threads_;
  std::atomic_flag taken_;  // by the caller of a region
  std::atomic<bool> failed_{false};
  std::exception_ptr failure_;
  const FunctionRef<void(std::int64_t, std::uint32_t)>* task_ = nullptr;
  alignas(kLine) std::atomic<std::uint64_t> gate_{0};  // region's number, open?, workers inside
  std::atomic<std::uint32_t> runs_{0};                 // under way; read where the gate is
  std::atomic<bool> brisk_{true};                      // the latest run followed the one before it
  std::atomic<std::uint64_t> ended_ns_{0};             // when the last run did
  alignas(kLine) std::atomic<std::uint32_t> sleepers_{0};
  std::atomic<std::uint32_t> calls_{0};
  std::atomic<bool> ends_{false};
};

Flow::Flow(std::uint32_t threads)
    : threads_(threads), team_(threads > 1 ? std::make_unique<Team>(threads - 1) : nullptr) {}

Flow::~Flow() = default;

void Flow::parallel(std::int64_t count, FunctionRef<void(std::int64_t, std::uint32_t)> task) const {
  const bool worth = team_ != nullptr && count > 1 && count <= UINT32_MAX;
  if (worth && team_->run(static_cast<std::uint32_t>(count), task)) return;
  for (std::int64_t i = 0; i < count; ++i) task(i, 0);
}

Flow::Attention::Attention(const Flow& flow, bool is_short)
    : team_(flow.team_.get()), alone_(team_ == nullptr || !team_->begin_run(is_short)) {}

Flow::Attention::~Attention() {
  if (team_ != nullptr) team_->end_run();
}

}  // namespace rdu::cpu
