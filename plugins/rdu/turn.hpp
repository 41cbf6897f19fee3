// Who has the chip: one at a time, from whichever thread.
#pragma once

#include <condition_variable>
#include <cstdint>
#include <mutex>
#include <utility>

namespace rdu::chip_plugin {

class Turn {
 public:
  // False: `deadline_ns` (CLOCK_MONOTONIC, 0: none) passed first.
  bool take(std::uint64_t deadline_ns);
  void give_back();

 private:
  std::mutex mutex_;
  std::condition_variable freed_;
  bool taken_ = false;
};

// Gives a turn that was taken back once.
class TurnHolder {
 public:
  explicit TurnHolder(Turn& turn) : turn_(&turn) {}
  TurnHolder(TurnHolder&& other) noexcept : turn_(std::exchange(other.turn_, nullptr)) {}
  TurnHolder& operator=(TurnHolder&&) = delete;
  ~TurnHolder() { give_back(); }
  void give_back() {
    if (turn_ != nullptr) std::exchange(turn_, nullptr)->give_back();
  }

 private:
  Turn* turn_;
};

}  // namespace rdu::chip_plugin
