// What is simulated: a small sequential program with a time of its own.
#pragma once

#include <string>
#include <utility>

#include "drivers/emu/sim/time.hpp"

namespace rdu_hw::sim {

class Channel;
class ReadyQueue;

// Where a unit stands after it ran: finished, or blocked on one channel, as its reader (empty) or as its writer (full).
struct Progress {
  enum class State { kReady, kDone, kEmpty, kFull };
  State state = State::kReady;
  const Channel* channel = nullptr;
};

class Unit {
 public:
  explicit Unit(std::string name) : name_(std::move(name)) {}
  virtual ~Unit() = default;
  Unit(const Unit&) = delete;
  Unit& operator=(const Unit&) = delete;

  // Goes on until it is done or blocked, and says which. It is not called again before the channel that it named changed.
  virtual Progress run() = 0;
  // The local time: nothing that the unit still has to do happens earlier.
  virtual Time now() const = 0;

  const std::string& name() const { return name_; }
  const Progress& progress() const { return progress_; }

 private:
  friend class Channel;
  friend class Schedule;

  void wake_if_blocked_on(const Channel& channel) {
    if (progress_.channel == &channel) wake();
  }
  void wake();

  std::string name_;
  Progress progress_;
  ReadyQueue* queue_ = nullptr;
};

}  // namespace rdu_hw::sim
