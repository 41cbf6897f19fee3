// Hands out parts of blocks that are each as large as all that was expected.
#include "plugins/cpu/contract/packed_memory.hpp"

#include <sys/mman.h>

#include <algorithm>

#include "plugins/cpu/access/integer.hpp"

namespace rdu::cpu {

void* PackedMemory::take(std::uint64_t bytes) {
  bytes = align_up(bytes, 64);
  const std::lock_guard lock(mutex_);
  if (size_ - used_ < bytes) grow(bytes);
  std::byte* taken = blocks_.back().get() + used_;
  used_ += bytes;
  return taken;
}

void PackedMemory::grow(std::uint64_t bytes) {
  const std::uint64_t size = align_up(std::max(bytes, expected_bytes_), kHugePage);
  blocks_.reserve(blocks_.size() + 1);
  blocks_.emplace_back(static_cast<std::byte*>(::operator new (size, std::align_val_t{kHugePage})));
  size_ = size;
  used_ = 0;
  // At most half is lost in the last page. Advice only: a system without huge pages works as well.
  if (expected_bytes_ >= 2 * kHugePage) (void)madvise(blocks_.back().get(), size, MADV_HUGEPAGE);
}

}  // namespace rdu::cpu
