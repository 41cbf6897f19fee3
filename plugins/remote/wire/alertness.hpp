// Whether to begin a wait awake. To be woken costs more than a short run; to look in vain costs whoever else needs the processor.
#pragma once

#include <algorithm>
#include <cstdint>

namespace rdu::remote {

// Each wait in vain halves how often the next ones begin awake; one that pays makes all of them do so again. For one thread at a
// time.
class Alertness {
 public:
  bool wants_to_look() {
    if (skipped_ == 0) return true;
    --skipped_;
    return false;
  }
  void looked(bool it_came) {
    misses_ = it_came ? 0 : std::min(misses_ + 1, kMostHalvings);
    skipped_ = (1u << misses_) - 1;
  }

 private:
  static constexpr std::uint32_t kMostHalvings = 6;

  std::uint32_t misses_ = 0;   // in a row
  std::uint32_t skipped_ = 0;  // waits that are still to begin asleep
};

}  // namespace rdu::remote
