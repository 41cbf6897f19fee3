// The application's allocator, or aligned malloc.
#include "sdk/src/runtime/memory.hpp"

#include <algorithm>
#include <cstdlib>
#include <limits>

#include "sdk/src/runtime/sized.hpp"

namespace rdu::runtime {
namespace {

constexpr std::uint64_t kLargestBlock = std::numeric_limits<std::int64_t>::max() - kHostAlignment;

std::uint64_t round_up(std::uint64_t bytes) {
  return (bytes + kHostAlignment - 1) & ~(kHostAlignment - 1);
}

void* default_allocate(void*, std::uint64_t bytes, std::uint64_t alignment) {
  void* data = nullptr;
  return ::posix_memalign(&data, alignment, bytes) == 0 ? data : nullptr;
}

void default_release(void*, void* data, std::uint64_t) { std::free(data); }

}  // namespace

Status Allocator::init(const rdu_allocator* given) {
  RDU_TRY(read_sized(given, "rdu_allocator", callbacks_));
  if (!given) {
    callbacks_.allocate = default_allocate;
    callbacks_.release = default_release;
  }
  if (!callbacks_.allocate || !callbacks_.release) {
    return fail(RDU_ERR_INVALID_ARGUMENT, "rdu_allocator needs both allocate and release");
  }
  return {};
}

// Whole cache lines, so that a vector loop may touch the line that holds the last element.
void* Allocator::allocate(std::uint64_t bytes, std::uint64_t alignment) const noexcept {
  if (bytes > kLargestBlock) return nullptr;
  return callbacks_.allocate(callbacks_.user, round_up(bytes), std::max(alignment, kHostAlignment));
}

void Allocator::release(void* data, std::uint64_t bytes) const noexcept {
  if (data) callbacks_.release(callbacks_.user, data, round_up(bytes));
}

Status Block::allocate(const Allocator& allocator, std::uint64_t bytes, std::string_view what,
                       std::uint64_t alignment) {
  *this = Block();
  if (bytes == 0) return {};
  void* data = allocator.allocate(bytes, alignment);
  if (!data) {
    return fail(RDU_ERR_OUT_OF_MEMORY, "no memory for ", bytes, " bytes of ", what);
  }
  allocator_ = &allocator;
  data_ = data;
  bytes_ = bytes;
  return {};
}

}  // namespace rdu::runtime
