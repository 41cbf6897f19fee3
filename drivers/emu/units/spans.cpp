// Adds in order of time; doubles the gap that is bridged whenever the list is full.
#include "drivers/emu/units/spans.hpp"

#include <algorithm>

namespace rdu_hw::emu {

void Spans::add(const sim::Stamps& times, Time interval) {
  for (const sim::Segment& s : times.segments()) {
    if (s.step <= interval + gap_) {
      add({s.first, s.last() + interval});
    } else {
      for (std::int64_t i = 0; i < s.count; ++i) add({s.at(i), s.at(i) + interval});
    }
  }
}

void Spans::add(Span span) {
  if (!spans_.empty() && span.begin <= spans_.back().end + gap_) {
    spans_.back().end = span.end;
    return;
  }
  if (spans_.size() >= most_) thin_out();
  spans_.push_back(span);
}

void Spans::thin_out() {
  while (spans_.size() > most_ / 2) {
    gap_ = std::max<Time>(1, 2 * gap_);
    std::size_t kept = 0;
    for (std::size_t i = 1; i < spans_.size(); ++i) {
      if (spans_[i].begin <= spans_[kept].end + gap_) {
        spans_[kept].end = spans_[i].end;
      } else {
        spans_[++kept] = spans_[i];
      }
    }
    spans_.resize(kept + 1);
  }
}

}  // namespace rdu_hw::emu
