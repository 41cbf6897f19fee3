// Looks and yields in turn: a thread that has work to do on this processor runs at once, one that has none is not woken for it.
#include "plugins/remote/client/alert_poll.hpp"

#include <sched.h>

namespace rdu::remote::client {

int AlertPoll::look(std::span<pollfd> polled, const Road* road) const {
  const auto end = std::chrono::steady_clock::now() + look_;
  for (;;) {
    if (road != nullptr && road->has_news()) return 1;
    const int got = ::poll(polled.data(), polled.size(), 0);
    if (got != 0 || std::chrono::steady_clock::now() >= end) return got;
    ::sched_yield();
  }
}

int AlertPoll::wait(std::span<pollfd> polled, int timeout_ms, Road* road) {
  if (timeout_ms > 0 && look_.count() > 0 && alertness_.wants_to_look()) {
    const int got = look(polled, road);
    alertness_.looked(got != 0);
    if (got != 0) return got;
  }
  if (road != nullptr && !road->before_sleep()) return 1;
  const int got = ::poll(polled.data(), polled.size(), timeout_ms);
  if (road != nullptr) road->after_sleep();
  return got;
}

}  // namespace rdu::remote::client
