// Addresses without memory: for bytes that are referred to and never read.
#pragma once

#include <cstddef>
#include <span>
#include <utility>

#include "sdk/base/result.hpp"

namespace rdu::base {

// Whoever reads or writes in it is stopped by a signal.
class AddressRange {
 public:
  static Result<AddressRange> reserve(std::size_t size);

  AddressRange() = default;
  AddressRange(AddressRange&& other) noexcept
      : data_(std::exchange(other.data_, nullptr)), size_(std::exchange(other.size_, 0)) {}
  AddressRange& operator=(AddressRange&& other) noexcept {
    std::swap(data_, other.data_);
    std::swap(size_, other.size_);
    return *this;
  }
  AddressRange(const AddressRange&) = delete;
  AddressRange& operator=(const AddressRange&) = delete;
  ~AddressRange();

  std::span<const std::byte> bytes() const { return {data_, size_}; }

 private:
  AddressRange(const std::byte* data, std::size_t size) : data_(data), size_(size) {}

  const std::byte* data_ = nullptr;
  std::size_t size_ = 0;
};

}  // namespace rdu::base
