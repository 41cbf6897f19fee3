// The bytes of the elements in flight, written and read in place.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

namespace rdu_hw::sim {

// Element n lies in slot n mod slots. A ring knows no reader and no writer: the credits of the channels that use it keep
// them apart. Several channels with one writer (a multicast) share one ring, each with its own reading position.
class Ring {
 public:
  // `slots` is at least the greatest depth among the channels that share it.
  Ring(std::int64_t slots, std::size_t element_bytes)
      : slots_(slots),
        element_bytes_(element_bytes),
        bytes_(static_cast<std::size_t>(slots) * element_bytes) {}

  std::int64_t slots() const { return slots_; }

  // Of elements n, n + 1, …: those that lie one behind the other, at most `count`.
  std::int64_t contiguous(std::int64_t n, std::int64_t count) const {
    return std::min(count, slots_ - n % slots_);
  }
  std::span<std::byte> elements(std::int64_t n, std::int64_t count) {
    const std::size_t slot = static_cast<std::size_t>(n % slots_);
    return std::span(bytes_).subspan(slot * element_bytes_,
                                     static_cast<std::size_t>(count) * element_bytes_);
  }

 private:
  std::int64_t slots_;
  std::size_t element_bytes_;
  std::vector<std::byte> bytes_;
};

}  // namespace rdu_hw::sim
