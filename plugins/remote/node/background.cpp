// Work in, results out, and a bell for the loop.
#include "plugins/remote/node/background.hpp"

#include <sys/eventfd.h>
#include <unistd.h>

#include <cerrno>

namespace rdu::remote::node {

Background::Background()
    : bell_(::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK)), thread_([this] { run(); }) {}

Background::~Background() {
  {
    const std::lock_guard lock(mutex_);
    stop_ = true;
  }
  wake_.notify_one();
  thread_.join();
}

void Background::post(std::function<Finish()> work) {
  ++pending_;
  {
    const std::lock_guard lock(mutex_);
    work_.push_back(std::move(work));
  }
  wake_.notify_one();
}

bool Background::finish() {
  if (!has_finished_.exchange(false, std::memory_order_acquire)) return false;
  std::uint64_t count = 0;
  if (::read(bell_.get(), &count, sizeof count) < 0 && errno != EAGAIN) return false;
  std::deque<Finish> finished;
  {
    const std::lock_guard lock(mutex_);
    finished.swap(finished_);
  }
  for (const Finish& each : finished) {
    --pending_;
    each();
  }
  return !finished.empty();
}

void Background::run() {
  for (;;) {
    std::function<Finish()> work;
    {
      std::unique_lock lock(mutex_);
      wake_.wait(lock, [this] { return stop_ || !work_.empty(); });
      if (stop_) return;
      work = std::move(work_.front());
      work_.pop_front();
    }
    Finish finish = work();
    work = {};
    {
      const std::lock_guard lock(mutex_);
      finished_.push_back(std::move(finish));
    }
    const std::uint64_t one = 1;
    if (::write(bell_.get(), &one, sizeof one) < 0 && errno != EAGAIN) return;
    // After the bell: whoever sees this silences it.
    has_finished_.store(true, std::memory_order_release);
  }
}

}  // namespace rdu::remote::node
