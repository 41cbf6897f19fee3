// The host's memory, or a file, behind the address space of one tier: reserved whole, committed where it is allocated.
#pragma once

#include <cstddef>
#include <cstdint>

namespace rdu_hw::emu {

// A file without a name that is as large as what is committed of it. -1 where there is none.
class BackingFile {
 public:
  BackingFile() = default;
  explicit BackingFile(const char* path);  // must not exist
  BackingFile(const BackingFile&) = delete;
  BackingFile& operator=(const BackingFile&) = delete;
  ~BackingFile();
  int descriptor() const { return descriptor_; }

 private:
  int descriptor_ = -1;
};

class Backing {
 public:
  // Without a file, memory of the host; with one, its bytes from `file_offset` on, a multiple of 2^20. Where the process may
  // not have so much address space, size() is what it may.
  Backing(std::uint64_t bytes, const BackingFile& file, std::uint64_t file_offset);
  Backing(const Backing&) = delete;
  Backing& operator=(const Backing&) = delete;
  ~Backing();

  std::byte* data() const { return data_; }
  std::uint64_t size() const { return size_; }

  // [address, address + bytes) may be used from here on and holds zeros; throws where host or disk have no room for it.
  void commit(std::uint64_t address, std::uint64_t bytes);
  // It is not used any more: its pages are given back.
  void release(std::uint64_t address, std::uint64_t bytes) noexcept;

 private:
  std::uint64_t size_;
  int file_;
  std::uint64_t file_offset_;
  std::byte* data_ = nullptr;
};

}  // namespace rdu_hw::emu
