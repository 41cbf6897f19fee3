// Whole files in and out, the way out through a temporary name.
#include "tools/rdu/io/file.hpp"

#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <cstring>
#include <memory>

#include "tools/rdu/error.hpp"

namespace rdu::tool {

namespace {

struct Close {
  void operator()(std::FILE* file) const { std::fclose(file); }
};
using File = std::unique_ptr<std::FILE, Close>;

[[noreturn]] void fail(const std::filesystem::path& path, const char* what) {
  throw ToolError(path.string() + ": " + what + ": " + std::strerror(errno));
}

}  // namespace

std::vector<std::byte> read_file(const std::filesystem::path& path) {
  const File file(std::fopen(path.c_str(), "rb"));
  if (!file) fail(path, "cannot open");
  std::vector<std::byte> bytes;
  std::byte block[1 << 16];
  for (;;) {
    const std::size_t got = std::fread(block, 1, sizeof(block), file.get());
    bytes.insert(bytes.end(), block, block + got);
    if (got < sizeof(block)) break;
  }
  if (std::ferror(file.get()) != 0) fail(path, "cannot read");
  return bytes;
}

std::vector<std::byte> read_beginning(const std::filesystem::path& path, std::size_t count) {
  const File file(std::fopen(path.c_str(), "rb"));
  if (!file) fail(path, "cannot open");
  std::vector<std::byte> bytes(count);
  bytes.resize(std::fread(bytes.data(), 1, count, file.get()));
  if (std::ferror(file.get()) != 0) fail(path, "cannot read");
  return bytes;
}

void write_file(const std::filesystem::path& path, std::span<const std::byte> bytes) {
  const std::string temporary = path.string() + ".tmp" + std::to_string(getpid());
  File file(std::fopen(temporary.c_str(), "wb"));
  if (!file) fail(temporary, "cannot create");
  bool good = std::fwrite(bytes.data(), 1, bytes.size(), file.get()) == bytes.size();
  good = std::fclose(file.release()) == 0 && good;
  if (!good || std::rename(temporary.c_str(), path.c_str()) != 0) {
    const int error = errno;
    std::remove(temporary.c_str());
    errno = error;
    fail(path, "cannot write");
  }
}

void write_text(const std::filesystem::path& path, const std::string& text) {
  write_file(path, std::as_bytes(std::span(text)));
}

}  // namespace rdu::tool
