// Files of the peer: descriptors that close themselves, whole files that appear at once, folders that only one process owns.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "plugins/remote/node/status.hpp"

namespace rdu::remote::node {

using Bytes = std::vector<std::byte>;
using ByteSpan = std::span<const std::byte>;

class Descriptor {
 public:
  Descriptor() = default;
  explicit Descriptor(int number) : number_(number) {}
  Descriptor(Descriptor&& other) noexcept : number_(std::exchange(other.number_, -1)) {}
  Descriptor& operator=(Descriptor&& other) noexcept {
    std::swap(number_, other.number_);
    return *this;
  }
  ~Descriptor();

  int get() const { return number_; }
  int release() { return std::exchange(number_, -1); }
  explicit operator bool() const { return number_ >= 0; }

 private:
  int number_ = -1;
};

// What errno says, behind "what path: ". IO, or PERMISSION where it is that.
Status system_error(std::string_view what, const std::string& path);

enum class Durability {
  kProcess,  // survives the death of this process
  kMachine,  // survives a power cut
};

// Opens with O_CLOEXEC and O_NOFOLLOW; files are made with mode 0600.
Result<Descriptor> open_file(const std::string& path, int flags);
Status write_at(int file, std::uint64_t offset, ByteSpan bytes);
Status read_at(int file, std::uint64_t offset, std::span<std::byte> out);
Result<std::uint64_t> file_size(int file);
Result<Bytes> read_file(const std::string& path, std::uint64_t max_bytes);

// Temporary file, rename, and for kMachine both reach the disk.
Status replace_file(const std::string& path, ByteSpan bytes, Durability durability);
Status sync_folder(const std::string& path);

// Makes the folder (0700) where it is missing; one that others may enter is refused.
Status make_private_folder(const std::string& path);
// Held until the descriptor closes, which the end of the process does too; BUSY where another process has it.
Result<Descriptor> lock_file(const std::string& path);

}  // namespace rdu::remote::node
