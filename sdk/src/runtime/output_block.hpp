// Memory of an output that the runtime allocated; it outlives the program and keeps the allocator's context.
#pragma once

#include <cstdint>
#include <memory>

#include "sdk/src/runtime/context.hpp"

namespace rdu::runtime {

class OutputBlock {
 public:
  // One allocation: this object, then the data at the next multiple of `alignment`.
  static Status allocate(std::shared_ptr<Context> context, std::uint64_t bytes,
                         std::uint64_t alignment, OutputBlock*& out);
  void release() noexcept;

  std::byte* data() { return reinterpret_cast<std::byte*>(this) + header_bytes_; }

 private:
  OutputBlock(std::shared_ptr<Context> context, std::uint64_t header_bytes,
              std::uint64_t total_bytes)
      : context_(std::move(context)), header_bytes_(header_bytes), total_bytes_(total_bytes) {}

  std::shared_ptr<Context> context_;
  std::uint64_t header_bytes_;
  std::uint64_t total_bytes_;
};

}  // namespace rdu::runtime
