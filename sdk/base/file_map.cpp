// Opens regular files only: a pipe or a device in the place of a model must not block or surprise.
#include "sdk/base/file_map.hpp"

#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstdint>
#include <cstring>

namespace rdu::base {
namespace {

class Descriptor {
 public:
  explicit Descriptor(int number) : number_(number) {}
  ~Descriptor() {
    if (number_ >= 0) ::close(number_);
  }
  Descriptor(Descriptor&& other) noexcept : number_(std::exchange(other.number_, -1)) {}
  int number() const { return number_; }

 private:
  int number_;
};

struct OpenFile {
  Descriptor descriptor;
  std::size_t size;
};

Error system_error(const char* what, const std::string& path) {
  const int number = errno;
  const Code code = number == ENOENT   ? Code::kNotFound
                    : number == ENOMEM ? Code::kOutOfMemory
                                       : Code::kIo;
  return fail(code, "cannot %s %s: %s", what, path.c_str(), std::strerror(number));
}

Result<OpenFile> open_regular(const std::string& path) {
  // Without O_NONBLOCK opening a pipe would wait for its writer.
  Descriptor descriptor(::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY));
  if (descriptor.number() < 0) return system_error("open", path);
  struct stat info {};
  if (::fstat(descriptor.number(), &info) != 0) return system_error("stat", path);
  if (!S_ISREG(info.st_mode)) {
    return fail(Code::kInvalidArgument, "%s is not a regular file", path.c_str());
  }
  if (static_cast<std::uint64_t>(info.st_size) > SIZE_MAX) {
    return fail(Code::kLimit, "%s is larger than the address space", path.c_str());
  }
  return OpenFile{std::move(descriptor), static_cast<std::size_t>(info.st_size)};
}

}  // namespace

Result<FileMap> FileMap::open(const std::string& path) {
  RDU_ASSIGN(const OpenFile file, open_regular(path));
  if (file.size == 0) return FileMap();
  void* data = ::mmap(nullptr, file.size, PROT_READ, MAP_SHARED, file.descriptor.number(), 0);
  if (data == MAP_FAILED) return system_error("map", path);
  return FileMap(static_cast<const std::byte*>(data), file.size);
}

FileMap& FileMap::operator=(FileMap&& other) noexcept {
  std::swap(data_, other.data_);
  std::swap(size_, other.size_);
  return *this;
}

FileMap::~FileMap() {
  if (data_ != nullptr) ::munmap(const_cast<std::byte*>(data_), size_);
}

Result<AlignedBytes> read_file(const std::string& path, std::size_t max_bytes) {
  RDU_ASSIGN(const OpenFile file, open_regular(path));
  if (file.size > max_bytes) {
    return fail(Code::kLimit, "%s has %zu bytes, the limit is %zu", path.c_str(), file.size,
                max_bytes);
  }
  RDU_ASSIGN(AlignedBytes content, AlignedBytes::allocate(file.size));
  std::span<std::byte> rest = content.bytes();
  while (!rest.empty()) {
    const ssize_t got = ::read(file.descriptor.number(), rest.data(), rest.size());
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) return system_error("read", path);
    if (got == 0) return fail(Code::kIo, "%s became shorter while it was read", path.c_str());
    rest = rest.subspan(static_cast<std::size_t>(got));
  }
  return content;
}

}  // namespace rdu::base
