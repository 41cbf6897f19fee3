// Where the packed weights of an executable lie: in the artifact, if somebody packed them before, or side by side in
// memory and, when there are many, in huge pages. Faulting in the weights of a network page by page takes longer than
// packing them.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <mutex>
#include <new>
#include <vector>

#include "plugins/cpu/flow.hpp"
#include "plugins/cpu/packed/file.hpp"

namespace rdu::cpu {

struct PackedPiece {
  PackedKey key;
  const std::byte* data;
  std::uint64_t bytes;
};

// Of an executable. Any thread.
class PackedStore {
 public:
  // `expected_bytes`: about what will be taken. What is not taken costs address space only. `ready`, which stays valid, is
  // what was packed before.
  PackedStore(PackedOwner owner, std::uint64_t expected_bytes, const PackedFile& ready)
      : owner_(owner), expected_bytes_(expected_bytes), ready_(ready) {}

  // Aligned to 64 bytes; lives as long as this. Throws std::bad_alloc.
  std::byte* take(std::uint64_t bytes);
  // What was packed before, or NULL.
  const std::byte* find(std::uint32_t node, std::uint32_t number, PackedLayout layout,
                        std::uint64_t bytes);
  void keep(std::uint32_t node, std::uint32_t number, PackedLayout layout, std::uint64_t bytes,
            const std::byte* data);

  // Once all is packed.
  const std::vector<PackedPiece>& pieces() const { return pieces_; }
  std::size_t num_found() const { return num_found_; }
  std::uint64_t found_bytes() const { return found_bytes_; }

 private:
  static constexpr std::uint64_t kHugePage = 2 << 20;
  struct Release {
    void operator()(std::byte* block) const {
      ::operator delete (block, std::align_val_t{kHugePage});
    }
  };

  void grow(std::uint64_t bytes);

  const PackedOwner owner_;
  const std::uint64_t expected_bytes_;
  const PackedFile ready_;
  std::mutex mutex_;
  std::vector<std::unique_ptr<std::byte, Release>> blocks_;
  std::vector<PackedPiece> pieces_;
  std::uint64_t used_ = 0, size_ = 0;  // of the last block
  std::uint64_t found_bytes_ = 0;
  std::size_t num_found_ = 0;
};

// What the step of one node packs, always in the same order. One thread.
class PackedMemory {
 public:
  PackedMemory(PackedStore& store, std::uint32_t node) : store_(store), node_(node) {}

  // Memory for what is packed at every load, since only this process can read it.
  void* take(std::uint64_t bytes) { return store_.take(bytes); }

  // Bytes that depend on the node, its constants, its place in the plan and `layout` alone, and that nobody writes: from
  // the artifact, or such as `fill` leaves them. It writes all of them.
  const std::byte* pack(PackedLayout layout, std::uint64_t bytes,
                        FunctionRef<void(std::byte*)> fill);
  const float* pack_floats(PackedLayout layout, std::int64_t count,
                           FunctionRef<void(float*)> fill) {
    const auto fill_bytes = [&](std::byte* to) { fill(reinterpret_cast<float*>(to)); };
    return reinterpret_cast<const float*>(
        pack(layout, static_cast<std::uint64_t>(count) * sizeof(float), fill_bytes));
  }

 private:
  PackedStore& store_;
  const std::uint32_t node_;
  std::uint32_t next_ = 0;
};

}  // namespace rdu::cpu
