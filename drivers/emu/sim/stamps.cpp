// Appending joins lines that continue each other; every other operation walks lines and appends lines.
#include "drivers/emu/sim/stamps.hpp"

#include <algorithm>
#include <cassert>
#include <utility>

namespace rdu_hw::sim {

Stamps::Stamps(std::initializer_list<Time> times) {
  for (const Time t : times) append(t);
}

Time Stamps::at(std::int64_t i) const {
  assert(i >= 0 && i < size_);
  std::size_t s = head_;
  while (i >= segments_[s].count) i -= segments_[s++].count;
  return segments_[s].at(i);
}

void Stamps::append(Segment more) {
  if (more.count == 0) return;
  assert(more.count > 0);
  if (!empty()) {
    Segment& last = segments_.back();
    if (last.count == 1)
      last.step = more.first - last.first;  // a point becomes a line through the next
    if (more.first == last.at(last.count)) {
      const bool whole = more.count == 1 || more.step == last.step;
      const std::int64_t joined = whole ? more.count : 1;
      last.count += joined;
      size_ += joined;
      if (whole) return;
      more = {more.at(1), more.step, more.count - 1};
    }
  }
  segments_.push_back(more);
  size_ += more.count;
}

void Stamps::append(const Stamps& more, Time shift) {
  for (const Segment& s : more.segments()) append(Segment{s.first + shift, s.step, s.count});
}

void Stamps::append_every(const Stamps& from, std::int64_t first, std::int64_t stride, Time shift) {
  if (first == 0 && stride == 1) return append(from, shift);
  for (const Segment& s : from.segments()) {
    if (first >= s.count) {
      first -= s.count;
      continue;
    }
    const std::int64_t count = (s.count - first + stride - 1) / stride;
    append(Segment{s.at(first) + shift, s.step * stride, count});
    first += count * stride - s.count;
  }
}

void Stamps::shift(Time by) {
  for (std::size_t s = head_; s < segments_.size(); ++s) segments_[s].first += by;
}

void Stamps::drop(std::int64_t count) {
  assert(count >= 0 && count <= size_);
  size_ -= count;
  if (size_ == 0) return clear();
  while (count >= segments_[head_].count) count -= segments_[head_++].count;
  Segment& s = segments_[head_];
  s = {s.at(count), s.step, s.count - count};
  // Moving what is left costs no more than what was drained since the last time.
  if (2 * head_ >= segments_.size()) {
    segments_.erase(segments_.begin(), segments_.begin() + static_cast<std::ptrdiff_t>(head_));
    head_ = 0;
  }
}

Stamps Stamps::prefix(std::int64_t count) const {
  assert(count >= 0 && count <= size_);
  Stamps out;
  for (StampsCursor c(*this); count > 0;) {
    const std::int64_t n = std::min(count, c.left());
    out.append(Segment{c.value(), c.step(), n});
    c.advance(n);
    count -= n;
  }
  return out;
}

void Stamps::clear() {
  segments_.clear();
  head_ = 0;
  size_ = 0;
}

bool operator==(const Stamps& a, const Stamps& b) {
  if (a.size() != b.size()) return false;
  for (StampsCursor x(a), y(b); !x.done();) {
    const std::int64_t n = std::min(x.left(), y.left());
    if (x.value() != y.value() || (n > 1 && x.step() != y.step())) return false;
    x.advance(n);
    y.advance(n);
  }
  return true;
}

namespace {

// Two lines of equal count cross at most once.
void append_max(Segment a, Segment b, Stamps& out) {
  if (std::pair(a.first, a.step) < std::pair(b.first, b.step)) std::swap(a, b);
  if (a.last() >= b.last()) return out.append(a);
  const std::int64_t crossing = (a.first - b.first) / (b.step - a.step) + 1;
  out.append(Segment{a.first, a.step, crossing});
  out.append(Segment{b.at(crossing), b.step, b.count - crossing});
}

}  // namespace

Stamps max(const Stamps& a, const Stamps& b) {
  assert(a.size() == b.size());
  Stamps out;
  for (StampsCursor x(a), y(b); !x.done();) {
    const std::int64_t n = std::min(x.left(), y.left());
    append_max({x.value(), x.step(), n}, {y.value(), y.step(), n}, out);
    x.advance(n);
    y.advance(n);
  }
  return out;
}

}  // namespace rdu_hw::sim
