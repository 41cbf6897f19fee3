// The timestamps of a run of vectors, as few straight lines instead of many numbers.
#pragma once

#include <cstddef>
#include <cstdint>
#include <initializer_list>
#include <span>
#include <vector>

#include "drivers/emu/sim/time.hpp"

namespace rdu_hw::sim {

// The times first, first + step, …: count ≥ 1 of them.
struct Segment {
  Time first;
  Time step;
  std::int64_t count;

  Time at(std::int64_t i) const { return first + i * step; }
  Time last() const { return at(count - 1); }
};

// A queue of times. Everything is exact and costs O(segments), whatever the number of times. What is appended joins the last
// segment where it continues it. Two Stamps are equal if they hold the same times. A queue that is refilled as it is
// drained keeps its memory: it does not allocate.
class Stamps {
 public:
  Stamps() = default;
  explicit Stamps(Segment line) { append(line); }
  Stamps(std::initializer_list<Time> times);

  std::int64_t size() const { return size_; }
  bool empty() const { return size_ == 0; }
  Time at(std::int64_t i) const;
  Time front() const { return segments_[head_].first; }
  Time back() const { return segments_.back().last(); }
  std::span<const Segment> segments() const { return std::span(segments_).subspan(head_); }

  void append(Time t) { append(Segment{t, 0, 1}); }
  void append(Segment more);
  void append(const Stamps& more, Time shift = 0);
  // Times number first, first + stride, … of `from`, each moved by shift.
  void append_every(const Stamps& from, std::int64_t first, std::int64_t stride, Time shift = 0);

  void shift(Time by);
  void drop(std::int64_t count);
  Stamps prefix(std::int64_t count) const;
  void clear();

  friend bool operator==(const Stamps& a, const Stamps& b);

 private:
  std::vector<Segment> segments_;
  std::size_t head_ = 0;  // segments before it are drained
  std::int64_t size_ = 0;
};

// Element by element; both have the same length.
Stamps max(const Stamps& a, const Stamps& b);

// A walk along Stamps, which must stay as they are meanwhile.
class StampsCursor {
 public:
  explicit StampsCursor(const Stamps& stamps) : rest_(stamps.segments()) {}

  bool done() const { return rest_.empty(); }
  // The line from here to the end of its segment.
  Time value() const { return rest_.front().at(used_); }
  Time step() const { return rest_.front().step; }
  std::int64_t left() const { return rest_.front().count - used_; }
  // Stops at the end.
  void advance(std::int64_t count) {
    used_ += count;
    while (!rest_.empty() && used_ >= rest_.front().count) {
      used_ -= rest_.front().count;
      rest_ = rest_.subspan(1);
    }
  }

 private:
  std::span<const Segment> rest_;
  std::int64_t used_ = 0;  // of the first segment of rest_
};

}  // namespace rdu_hw::sim
