// A link's way to one of its sinks: elements with the times of their arrival, credits with the times of their return.
#pragma once

#include <rdu_hw/config.h>

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
  rdu_hw_sink sink;
  Time latency;
  Time credit_latency;
  std::deque<Element> elements;  // where tokens are counted, all that ever came
  std::deque<Time> credits;
  std::int64_t sent = 0;
  std::int64_t taken = 0;

  // For the reader's next iteration.
  bool has_element(Time now) const;
  bool has_room(Time now) const;
  void send(Time now, Words words);
  void take(Time now);
  // When the last thing that is under way arrives.
  Time latest() const;
};

}  // namespace naive
