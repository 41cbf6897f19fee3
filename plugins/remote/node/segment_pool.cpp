// Powers of two, each with a list of what is free.
#include "plugins/remote/node/segment_pool.hpp"

#include <bit>

namespace rdu::remote::node {

Result<SegmentLease> SegmentPool::acquire(std::size_t bytes) {
  const std::size_t size = std::bit_ceil(std::max(bytes, kSmallest));
  const auto level = static_cast<std::size_t>(std::countr_zero(size));
  if (level >= kClasses) return fail(RDU_ERR_LIMIT_EXCEEDED, bytes, " bytes of shared memory");
  std::unique_ptr<PooledSegment> segment;
  {
    const std::lock_guard lock(mutex_);
    if (!free_[level].empty()) {
      segment = std::move(free_[level].back());
      free_[level].pop_back();
      kept_bytes_ -= size;
    }
  }
  if (!segment) {
    Result<Segment> memory = Segment::create(size);
    if (!memory.ok()) return memory.status();
    segment = std::make_unique<PooledSegment>();
    segment->memory = std::move(*memory);
  }
  return SegmentLease(segment.release(), [pool = shared_from_this()](PooledSegment* used) {
    pool->give_back(std::unique_ptr<PooledSegment>(used));
  });
}

void SegmentPool::give_back(std::unique_ptr<PooledSegment> segment) {
  const std::size_t size = segment->memory.size();
  const std::lock_guard lock(mutex_);
  if (kept_bytes_ + size > kMostKept) {
    if (segment->number != 0) dropped_.push_back(segment->number);
    return;
  }
  kept_bytes_ += size;
  free_[static_cast<std::size_t>(std::countr_zero(size))].push_back(std::move(segment));
}

std::vector<std::uint32_t> SegmentPool::take_dropped() {
  const std::lock_guard lock(mutex_);
  return std::exchange(dropped_, {});
}

}  // namespace rdu::remote::node
