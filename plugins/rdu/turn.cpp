// Who has the chip.
#include "plugins/rdu/turn.hpp"

#include <chrono>

namespace rdu::chip_plugin {

bool Turn::take(std::uint64_t deadline_ns) {
  std::unique_lock lock(mutex_);
  const auto free = [this] { return !taken_; };
  if (deadline_ns == 0) {
    freed_.wait(lock, free);
  } else {
    const std::chrono::steady_clock::time_point deadline{std::chrono::nanoseconds(deadline_ns)};
    if (!freed_.wait_until(lock, deadline, free)) return false;
  }
  taken_ = true;
  return true;
}

void Turn::give_back() {
  const std::lock_guard lock(mutex_);
  taken_ = false;
  freed_.notify_one();
}

}  // namespace rdu::chip_plugin
