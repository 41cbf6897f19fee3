// Looks for a piece first; hands out parts of blocks that are each as large as all that was expected.
#include "plugins/cpu/contract/packed_memory.hpp"

#include <sys/mman.h>

#include <algorithm>

#include "plugins/cpu/access/integer.hpp"

namespace rdu::cpu {

std::byte* PackedStore::take(std::uint64_t bytes) {
  bytes = align_up(bytes, 64);
  const std::lock_guard lock(mutex_);
  if (size_ - used_ < bytes) grow(bytes);
  std::byte* taken = blocks_.back().get() + used_;
  used_ += bytes;
  return taken;
}

void PackedStore::grow(std::uint64_t bytes) {
  const std::uint64_t size = align_up(std::max(bytes, expected_bytes_), kHugePage);
  blocks_.reserve(blocks_.size() + 1);
  blocks_.emplace_back(static_cast<std::byte*>(::operator new (size, std::align_val_t{kHugePage})));
  size_ = size;
  used_ = 0;
  // At most half is lost in the last page. Advice only: a system without huge pages works as well.
  if (expected_bytes_ >= 2 * kHugePage) (void)madvise(blocks_.back().get(), size, MADV_HUGEPAGE);
}

const std::byte* PackedStore::find(std::uint32_t node, std::uint32_t number, PackedLayout layout,
                                   std::uint64_t bytes) {
  const std::byte* found = ready_.find({owner_, node, number, layout.number}, bytes);
  if (found == nullptr) return nullptr;
  const std::lock_guard lock(mutex_);
  ++num_found_;
  found_bytes_ += bytes;
  return found;
}

void PackedStore::keep(std::uint32_t node, std::uint32_t number, PackedLayout layout,
                       std::uint64_t bytes, const std::byte* data) {
  const std::lock_guard lock(mutex_);
  pieces_.push_back({{owner_, node, number, layout.number}, data, bytes});
}

const std::byte* PackedMemory::pack(PackedLayout layout, std::uint64_t bytes,
                                    FunctionRef<void(std::byte*)> fill) {
  const std::uint32_t number = next_++;
  const std::byte* data = store_.find(node_, number, layout, bytes);
  if (data == nullptr) {
    std::byte* made = store_.take(bytes);
    fill(made);
    data = made;
  }
  store_.keep(node_, number, layout, bytes, data);
  return data;
}

}  // namespace rdu::cpu
