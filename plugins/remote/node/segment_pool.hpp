// Segments that are used again: making one costs more than a small run.
#pragma once

#include <array>
#include <memory>
#include <mutex>
#include <vector>

#include "plugins/remote/node/segment.hpp"

namespace rdu::remote::node {

struct PooledSegment {
  Segment memory;
  std::uint32_t number = 0;  // by which the worker knows it; 0: not yet
};

using SegmentLease = std::shared_ptr<PooledSegment>;

// Leases may end on any thread, also after the pool's owner has gone.
class SegmentPool : public std::enable_shared_from_this<SegmentPool> {
 public:
  static constexpr std::size_t kSmallest = 64u << 10;
  static constexpr std::size_t kMostKept = 256u << 20;  // bytes that nobody uses

  // At least `bytes`, with whatever content.
  Result<SegmentLease> acquire(std::size_t bytes);
  // Numbers of segments that were unmapped since the last call.
  std::vector<std::uint32_t> take_dropped();

 private:
  static constexpr std::size_t kClasses = 48;

  void give_back(std::unique_ptr<PooledSegment> segment);

  std::mutex mutex_;
  std::array<std::vector<std::unique_ptr<PooledSegment>>, kClasses> free_;
  std::size_t kept_bytes_ = 0;
  std::vector<std::uint32_t> dropped_;
};

}  // namespace rdu::remote::node
