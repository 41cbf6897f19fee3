// Memory that comes from the application's allocator, and the owner of one block of it.
#pragma once

#include <rdu/context.h>

#include <cstdint>
#include <utility>

#include "sdk/src/runtime/status.hpp"

namespace rdu::runtime {

inline constexpr std::uint64_t kHostAlignment = 64;

class Allocator {
 public:
  // NULL: the C library's.
  Status init(const rdu_allocator* given);

  // NULL: no memory. Alignment is a power of two.
  void* allocate(std::uint64_t bytes, std::uint64_t alignment = kHostAlignment) const noexcept;
  void release(void* data, std::uint64_t bytes) const noexcept;

 private:
  rdu_allocator callbacks_{};
};

class Block {
 public:
  Block() = default;
  Block(Block&& other) noexcept
      : allocator_(other.allocator_),
        data_(std::exchange(other.data_, nullptr)),
        bytes_(std::exchange(other.bytes_, 0)) {}
  Block& operator=(Block&& other) noexcept {
    std::swap(allocator_, other.allocator_);
    std::swap(data_, other.data_);
    std::swap(bytes_, other.bytes_);
    return *this;
  }
  ~Block() {
    if (data_) allocator_->release(data_, bytes_);
  }

  // `what` goes into the message: "arena of a run". Zero bytes need no memory. The allocator outlives the block.
  Status allocate(const Allocator& allocator, std::uint64_t bytes, std::string_view what,
                  std::uint64_t alignment = kHostAlignment);

  std::byte* data() const { return static_cast<std::byte*>(data_); }
  std::uint64_t bytes() const { return bytes_; }

 private:
  const Allocator* allocator_ = nullptr;
  void* data_ = nullptr;
  std::uint64_t bytes_ = 0;
};

}  // namespace rdu::runtime
