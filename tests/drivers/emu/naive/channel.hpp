// A link's way to one of its sinks: elements with the times of their arrival, credits with the times of their return.
#pragma once

#include <algorithm>
#include <cstdint>
#include <deque>
#include <vector>

#include "tests/drivers/emu/naive/words.hpp"

namespace naive {

using Time = std::int64_t;

// A word for each lane of a vector, one for a scalar, none for a token.
using Words = std::vector<Word>;

struct Element {
  Time at;
  Words words;
};

struct Channel {
  Time latency;
  Time credit_latency;
  std::deque<Element> elements;
  std::deque<Time> credits;
  std::int64_t sent = 0;

  bool has_element(Time now) const { return !elements.empty() && elements.front().at <= now; }
  bool has_room(Time now) const { return !credits.empty() && credits.front() <= now; }
  void send(Time now, Words words) {
    ++sent;
    credits.pop_front();
    elements.push_back({now + latency, std::move(words)});
  }
  void take(Time now) {
    elements.pop_front();
    credits.push_back(now + credit_latency);
  }
  // When the last thing that is under way arrives.
  Time latest() const {
    const Time element = elements.empty() ? 0 : elements.back().at;
    return credits.empty() ? element : std::max(element, credits.back());
  }
};

}  // namespace naive
