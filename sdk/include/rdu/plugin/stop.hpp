// Shall a run end before its work is done? Asked between nodes by devices that run synchronously.
#pragma once

#include <rdu/plugin.h>

#include <chrono>
#include <rdu/plugin/status.hpp>

namespace rdu::plugin {

// The deadline and the host's word of one submission, which outlives it.
class Stop {
 public:
  Stop() = default;
  explicit Stop(const rdu_submission& submission)
      : deadline_ns_(submission.deadline_ns),
        word_(RDU_HAS(&submission, stop) ? submission.stop : nullptr) {}

  // Why `node` must not begin; cheap where there is no deadline.
  Status before(const char* node) const {
    if (word_ != nullptr && __atomic_load_n(word_, __ATOMIC_RELAXED) != 0) {
      return fail(RDU_ERR_CANCELLED, "the run was cancelled before node '", node, "'");
    }
    if (deadline_ns_ != 0 && now_ns() > deadline_ns_) {
      return fail(RDU_ERR_DEADLINE_EXCEEDED, "the deadline passed before node '", node, "'");
    }
    return {};
  }

 private:
  static std::uint64_t now_ns() {
    return static_cast<std::uint64_t>(std::chrono::steady_clock::now().time_since_epoch().count());
  }

  std::uint64_t deadline_ns_ = 0;
  const std::uint32_t* word_ = nullptr;
};

}  // namespace rdu::plugin
