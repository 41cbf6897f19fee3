// Opens a file beneath a folder without following anything that could lead out of it.
#include "tools/rducc/import/onnx/confined_file.hpp"

#include <fcntl.h>
#include <linux/openat2.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <utility>

#include "tools/rducc/ir/error.hpp"

namespace rducc::import_onnx {
namespace {

class Descriptor {
 public:
  explicit Descriptor(int fd) : fd_(fd) {}
  Descriptor(Descriptor&& other) noexcept : fd_(std::exchange(other.fd_, -1)) {}
  Descriptor& operator=(Descriptor&& other) noexcept {
    std::swap(fd_, other.fd_);
    return *this;
  }
  ~Descriptor() {
    if (fd_ >= 0) ::close(fd_);
  }
  int get() const { return fd_; }

 private:
  int fd_;
};

// The path is the model's own words: what a terminal would obey is not repeated.
[[noreturn]] void refuse(std::string path, const std::string& why) {
  std::replace_if(
      path.begin(), path.end(), [](unsigned char c) { return c < 0x20 || c == 0x7f; }, '?');
  throw CompileError(CompileErrorKind::kInvalid, "external data '" + path + "': " + why);
}

[[noreturn]] void refuse_errno(const std::string& path, int code) {
  if (code == ELOOP) refuse(path, "a symbolic link is in the way");
  if (code == EXDEV) refuse(path, "it leads out of the model's folder");
  refuse(path, std::strerror(code));
}

// Kernels before 5.6, and sandboxes that know no openat2: one component at a time.
Descriptor walk(const Descriptor& folder, const std::string& path) {
  Descriptor at(::dup(folder.get()));
  std::size_t begin = 0;
  while (true) {
    const std::size_t end = path.find('/', begin);
    const std::string name = path.substr(begin, end == path.npos ? path.npos : end - begin);
    if (name == "..") refuse(path, "it leads out of the model's folder");
    const int flags = O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK;
    const bool last = end == path.npos;
    if (!name.empty() && name != ".") {
      Descriptor next(::openat(at.get(), name.c_str(), last ? flags : flags | O_DIRECTORY));
      if (next.get() < 0) refuse_errno(path, errno);
      at = std::move(next);
    }
    if (last) return at;
    begin = end + 1;
  }
}

Descriptor open_beneath(const std::string& folder, const std::string& path) {
  Descriptor root(::open(folder.c_str(), O_PATH | O_DIRECTORY | O_CLOEXEC));
  if (root.get() < 0) refuse_errno(folder, errno);
  open_how how{};
  how.flags = O_RDONLY | O_CLOEXEC | O_NONBLOCK;
  how.resolve = RESOLVE_BENEATH | RESOLVE_NO_SYMLINKS | RESOLVE_NO_MAGICLINKS;
  const auto fd =
      static_cast<int>(::syscall(SYS_openat2, root.get(), path.c_str(), &how, sizeof how));
  if (fd >= 0) return Descriptor(fd);
  if (errno != ENOSYS && errno != EPERM) refuse_errno(path, errno);
  return walk(root, path);
}

}  // namespace

MappedRange map_confined(const std::string& folder, const std::string& relative,
                         std::uint64_t offset, std::uint64_t length) {
  if (relative.empty()) refuse(relative, "it has no location");
  if (relative.find('\0') != relative.npos) refuse(relative, "its location holds a zero byte");
  if (relative[0] == '/') refuse(relative, "an absolute path leads out of the model's folder");
  const Descriptor file = open_beneath(folder, relative);
  struct stat info {};
  if (::fstat(file.get(), &info) != 0) refuse_errno(relative, errno);
  if (!S_ISREG(info.st_mode)) refuse(relative, "it is not a regular file");
  if (info.st_nlink != 1) refuse(relative, "it has more than one link");
  const auto size = static_cast<std::uint64_t>(info.st_size);
  if (offset > size || length > size - offset) {
    refuse(relative, "bytes [" + std::to_string(offset) + ", +" + std::to_string(length) +
                         ") are outside its " + std::to_string(size) + " bytes");
  }
  if (length == 0) length = size - offset;
  if (length == 0) return {{}, std::make_shared<int>(0)};
  const auto page = static_cast<std::uint64_t>(::sysconf(_SC_PAGESIZE));
  const std::uint64_t first = offset / page * page;
  const std::size_t mapped = static_cast<std::size_t>(offset - first + length);
  void* address =
      ::mmap(nullptr, mapped, PROT_READ, MAP_PRIVATE, file.get(), static_cast<off_t>(first));
  if (address == MAP_FAILED) refuse_errno(relative, errno);
  std::shared_ptr<const void> owner(
      address, [mapped](const void* at) { ::munmap(const_cast<void*>(at), mapped); });
  const auto* bytes = static_cast<const std::byte*>(address) + (offset - first);
  return {{bytes, static_cast<std::size_t>(length)}, std::move(owner)};
}

}  // namespace rducc::import_onnx
