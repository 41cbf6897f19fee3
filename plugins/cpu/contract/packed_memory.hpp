// Where the packed weights of an executable lie: side by side and, when there are many, in huge pages. Faulting in the
// weights of a network page by page takes longer than packing them.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <mutex>
#include <new>
#include <vector>

namespace rdu::cpu {

class PackedMemory {
 public:
  // `expected_bytes`: about what will be taken. What is not taken costs address space only.
  explicit PackedMemory(std::uint64_t expected_bytes) : expected_bytes_(expected_bytes) {}

  // Aligned to 64 bytes; lives as long as this. Any thread. Throws std::bad_alloc.
  void* take(std::uint64_t bytes);

 private:
  static constexpr std::uint64_t kHugePage = 2 << 20;
  struct Release {
    void operator()(std::byte* block) const {
      ::operator delete (block, std::align_val_t{kHugePage});
    }
  };

  void grow(std::uint64_t bytes);

  const std::uint64_t expected_bytes_;
  std::mutex mutex_;
  std::vector<std::unique_ptr<std::byte, Release>> blocks_;
  std::uint64_t used_ = 0, size_ = 0;  // of the last block
};

}  // namespace rdu::cpu
