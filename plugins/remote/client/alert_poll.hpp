// poll(2) that looks for a short time before it falls asleep, where that has lately paid.
#pragma once

#include <poll.h>

#include <chrono>
#include <span>

#include "plugins/remote/wire/alertness.hpp"
#include "plugins/remote/wire/road.hpp"

namespace rdu::remote::client {

// For one thread at a time.
class AlertPoll {
 public:
  explicit AlertPoll(std::chrono::microseconds look) : look_(look) {}

  // The number of descriptors that have something; 0 after the time, or -1 as poll says it. Between two looks the processor is
  // offered to everybody else.
  // `road`, whose bell is among them, may have something of its own: 1.
  int wait(std::span<pollfd> polled, int timeout_ms, Road* road = nullptr);

 private:
  int look(std::span<pollfd> polled, const Road* road) const;

  std::chrono::microseconds look_;
  Alertness alertness_;
};

}  // namespace rdu::remote::client
