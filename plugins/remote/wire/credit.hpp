// Bytes that a client may have under way: spent by requests, given back by their replies.
#pragma once

#include <algorithm>
#include <cstdint>

namespace rdu::remote {

// Counted the same way by both sides: F1 and the frames behind it. Not for several threads.
class CreditWindow {
 public:
  explicit CreditWindow(std::uint64_t bytes = 0) : total_(bytes) {}

  std::uint64_t total() const { return total_; }
  std::uint64_t in_use() const { return in_use_; }
  std::uint64_t available() const { return total_ > in_use_ ? total_ - in_use_ : 0; }

  // Could a request of this size ever be sent?
  bool fits(std::uint64_t bytes) const { return bytes <= total_; }
  bool try_take(std::uint64_t bytes) {
    if (bytes > available()) return false;
    in_use_ += bytes;
    return true;
  }
  // More than was taken is a peer's mistake, and worth nothing.
  void give_back(std::uint64_t bytes) { in_use_ -= std::min(bytes, in_use_); }

 private:
  std::uint64_t total_ = 0;
  std::uint64_t in_use_ = 0;
};

}  // namespace rdu::remote
