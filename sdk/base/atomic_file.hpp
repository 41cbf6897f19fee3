// A file that appears whole or not at all: written under a temporary name, renamed on commit.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>

#include "sdk/base/result.hpp"

namespace rdu::base {

class AtomicFile {
 public:
  // Creates the temporary file beside `path`.
  static Result<AtomicFile> create(const std::string& path);

  AtomicFile(AtomicFile&& other) noexcept;
  AtomicFile& operator=(AtomicFile&& other) = delete;
  // Removes the temporary file unless committed.
  ~AtomicFile();

  Result<void> write(std::span<const std::byte> bytes);

  enum class Durability {
    kProcess,  // survives the end of this process
    kMachine,  // survives a power cut (fsync)
  };
  Result<void> commit(Durability durability);

 private:
  AtomicFile(std::string path, std::string temporary, int descriptor);

  std::string path_;
  std::string temporary_;  // empty once committed
  int descriptor_;
};

}  // namespace rdu::base
