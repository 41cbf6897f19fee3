// Runs units until all are done or nothing can move: one thread, one queue, no clock.
#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <random>
#include <string>
#include <vector>

#include "drivers/emu/sim/arbiter.hpp"
#include "drivers/emu/sim/unit.hpp"

namespace rdu_hw::sim {

// The units that can run, in the order in which they became able to. A unit is in it at most once.
class ReadyQueue {
 public:
  void reserve(std::size_t units) { slots_.resize(units); }
  bool empty() const { return count_ == 0; }
  std::size_t size() const { return count_; }
  void push(Unit& unit) { slots_[(head_ + count_++) % slots_.size()] = &unit; }
  Unit& pop() {
    Unit& unit = *slots_[head_];
    head_ = (head_ + 1) % slots_.size();
    --count_;
    return unit;
  }

 private:
  std::vector<Unit*> slots_;
  std::size_t head_ = 0;
  std::size_t count_ = 0;
};

struct Outcome {
  bool done = false;     // every unit is
  bool stopped = false;  // by the caller, before that
  Time end = 0;          // the latest local time
  std::string deadlock;  // who waits for whom, where neither
};

// Units and arbiters are borrowed. No result depends on the order in which units run.
class Schedule {
 public:
  void add(Unit& unit) { units_.push_back(&unit); }
  void add(Arbiter& arbiter) { arbiters_.push_back(&arbiter); }
  // Another order of the units than first come, first served: a means to prove that none matters.
  void shuffle(std::uint64_t seed);
  // Ends run() soon after it becomes true, before everything is done; stays the caller's.
  void stop_on(const std::atomic<bool>* stop) { stop_ = stop; }

  Outcome run();

 private:
  void run_units();
  bool serve_one();
  bool stopped() const { return stop_ != nullptr && stop_->load(std::memory_order_relaxed); }

  std::vector<Unit*> units_;
  std::vector<Arbiter*> arbiters_;
  ReadyQueue queue_;
  std::mt19937_64 random_;
  bool shuffled_ = false;
  const std::atomic<bool>* stop_ = nullptr;
};

}  // namespace rdu_hw::sim
