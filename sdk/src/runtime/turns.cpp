// A turn that is given back goes straight to the first in the queue.
#include "sdk/src/runtime/turns.hpp"

#include <chrono>
#include <condition_variable>

namespace rdu::runtime {
namespace {

// A thread that waits.
class Sleeper final : public Turns::Waiter {
 public:
  void turn_came() noexcept override {
    const std::lock_guard lock(mutex_);
    came_ = true;
    changed_.notify_one();
  }

  bool sleep(std::uint64_t deadline_ns) {
    std::unique_lock lock(mutex_);
    const auto came = [this] { return came_; };
    if (deadline_ns == 0) {
      changed_.wait(lock, came);
      return true;
    }
    const std::chrono::steady_clock::time_point until{std::chrono::nanoseconds(deadline_ns)};
    return changed_.wait_until(lock, until, came);
  }

 private:
  std::mutex mutex_;
  std::condition_variable changed_;
  bool came_ = false;
};

}  // namespace

bool Turns::take_or_queue(Waiter& waiter) {
  const std::lock_guard lock(mutex_);
  if (left_ > 0) {
    --left_;
    return true;
  }
  waiter.turns_ = this;
  waiter.next_ = nullptr;
  (last_ ? last_->next_ : first_) = &waiter;
  last_ = &waiter;
  return false;
}

bool Turns::take(std::uint64_t deadline_ns) {
  Sleeper sleeper;
  if (take_or_queue(sleeper) || sleeper.sleep(deadline_ns)) return true;
  // The turn may come between the deadline and this.
  return !sleeper.withdraw() && sleeper.sleep(0);
}

bool Turns::Waiter::withdraw() {
  Turns* turns = turns_;
  return turns && turns->remove(*this);
}

// What is not in this queue may be in another by now: nothing of it is touched.
bool Turns::remove(Waiter& waiter) {
  const std::lock_guard lock(mutex_);
  Waiter* before = nullptr;
  for (Waiter* each = first_; each; before = each, each = each->next_) {
    if (each != &waiter) continue;
    (before ? before->next_ : first_) = waiter.next_;
    if (last_ == &waiter) last_ = before;
    return true;
  }
  return false;
}

void Turns::give_back() {
  Waiter* next = nullptr;
  {
    const std::lock_guard lock(mutex_);
    next = first_;
    if (!next) {
      ++left_;
      return;
    }
    first_ = next->next_;
    if (!first_) last_ = nullptr;
  }
  next->turn_came();
}

}  // namespace rdu::runtime
