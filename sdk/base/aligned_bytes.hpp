// A block of heap memory that begins at a page boundary, as mapped files do.
#pragma once

#include <cstddef>
#include <cstdlib>
#include <memory>
#include <span>

#include "sdk/base/result.hpp"

namespace rdu::base {

class AlignedBytes {
 public:
  static constexpr std::size_t kAlignment = 4096;

  static Result<AlignedBytes> allocate(std::size_t size) {
    const std::size_t rounded = (size + kAlignment - 1) / kAlignment * kAlignment;
    void* data = rounded < size
                     ? nullptr
                     : std::aligned_alloc(kAlignment, rounded == 0 ? kAlignment : rounded);
    if (data == nullptr) return fail(Code::kOutOfMemory, "no memory for %zu bytes", size);
    return AlignedBytes(static_cast<std::byte*>(data), size);
  }

  AlignedBytes() = default;

  std::span<std::byte> bytes() { return {data_.get(), size_}; }
  std::span<const std::byte> bytes() const { return {data_.get(), size_}; }

 private:
  struct Free {
    void operator()(std::byte* data) const { std::free(data); }
  };

  AlignedBytes(std::byte* data, std::size_t size) : data_(data), size_(size) {}

  std::unique_ptr<std::byte, Free> data_;
  std::size_t size_ = 0;
};

}  // namespace rdu::base
