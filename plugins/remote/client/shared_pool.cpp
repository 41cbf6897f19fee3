// First fit, neighbours joined when they come back: few pieces, about as many as there are runs under way.
#include "plugins/remote/client/shared_pool.hpp"

#include <iterator>

namespace rdu::remote::client {

namespace {

constexpr std::uint64_t kAlignment = 64;

std::uint64_t aligned(std::uint64_t bytes) {
  return (bytes + kAlignment - 1) / kAlignment * kAlignment;
}

}  // namespace

SharedPool::SharedPool(std::shared_ptr<const SharedRegion> region, std::uint64_t end)
    : region_(std::move(region)) {
  const std::uint64_t first = aligned(SharedRegion::kFirstOffset);
  const std::uint64_t size = end / kAlignment * kAlignment;
  if (size > first) free_.emplace(first, size - first);
}

std::uint64_t SharedPool::take(std::uint64_t bytes) {
  if (bytes == 0 || bytes > region_->bytes().size()) return 0;
  const std::uint64_t wanted = aligned(bytes);
  const std::lock_guard lock(mutex_);
  for (auto piece = free_.begin(); piece != free_.end(); ++piece) {
    const auto [offset, size] = *piece;
    if (size < wanted) continue;
    free_.erase(piece);
    if (size > wanted) free_.emplace(offset + wanted, size - wanted);
    taken_.emplace(offset, wanted);
    return offset;
  }
  return 0;
}

void SharedPool::give_back(std::uint64_t offset) {
  const std::lock_guard lock(mutex_);
  const auto found = taken_.find(offset);
  if (found == taken_.end()) return;
  auto piece = free_.emplace(offset, found->second).first;
  taken_.erase(found);
  if (const auto next = std::next(piece);
      next != free_.end() && piece->first + piece->second == next->first) {
    piece->second += next->second;
    free_.erase(next);
  }
  if (piece == free_.begin()) return;
  const auto before = std::prev(piece);
  if (before->first + before->second != piece->first) return;
  before->second += piece->second;
  free_.erase(piece);
}

std::unique_ptr<SharedBlock> SharedBlock::take(std::shared_ptr<SharedPool> pool,
                                               std::uint64_t bytes) {
  if (!pool) return nullptr;
  const std::uint64_t offset = pool->take(bytes);
  if (offset == 0) return nullptr;
  return std::make_unique<SharedBlock>(std::move(pool), offset);
}

}  // namespace rdu::remote::client
