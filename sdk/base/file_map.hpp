// A regular file mapped into memory for reading.
#pragma once

#include <cstddef>
#include <span>
#include <string>
#include <utility>

#include "sdk/base/aligned_bytes.hpp"
#include "sdk/base/result.hpp"

namespace rdu::base {

// The pages are shared with every process that maps the file. A file that is shortened while it is mapped makes
// reading beyond its new end fatal: what comes from an owner who is not trusted is copied instead (read_file).
class FileMap {
 public:
  static Result<FileMap> open(const std::string& path);

  FileMap() = default;
  FileMap(FileMap&& other) noexcept
      : data_(std::exchange(other.data_, nullptr)), size_(std::exchange(other.size_, 0)) {}
  FileMap& operator=(FileMap&& other) noexcept;
  FileMap(const FileMap&) = delete;
  FileMap& operator=(const FileMap&) = delete;
  ~FileMap();

  std::span<const std::byte> bytes() const { return {data_, size_}; }

 private:
  FileMap(const std::byte* data, std::size_t size) : data_(data), size_(size) {}

  const std::byte* data_ = nullptr;
  std::size_t size_ = 0;
};

// Reads at most `max_bytes` of a regular file into page-aligned memory; a longer file is a kLimit error.
Result<AlignedBytes> read_file(const std::string& path, std::size_t max_bytes);

}  // namespace rdu::base
