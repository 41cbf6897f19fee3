// memfd_create on one side, /proc/PID/fd/N on the other.
#include "plugins/remote/wire/shared_memory.hpp"

#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <charconv>
#include <cstring>
#include <utility>

#include "plugins/remote/wire/keys.hpp"

namespace rdu::remote {

using plugin::fail;
using plugin::Result;
using plugin::Status;

namespace {

constexpr int kSeals = F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_SEAL;
constexpr std::uint64_t kLargest = std::uint64_t{1} << 40;

Status io_error(const char* what) {
  return fail(RDU_ERR_IO, what, " shared memory: ", std::strerror(errno));
}

bool is_descriptor_name(std::string_view name) {
  for (const std::string_view prefix : {"/proc/", "/fd/"}) {
    if (!name.starts_with(prefix)) return false;
    name.remove_prefix(prefix.size());
    unsigned number = 0;
    const auto end = std::from_chars(name.data(), name.data() + name.size(), number);
    if (end.ec != std::errc()) return false;
    name.remove_prefix(static_cast<std::size_t>(end.ptr - name.data()));
  }
  return name.empty();
}

}  // namespace

std::string descriptor_name(int file) { return plugin::concat("/proc/", ::getpid(), "/fd/", file); }

int open_descriptor(const std::string& name, int flags) {
  if (is_descriptor_name(name)) return ::open(name.c_str(), flags | O_CLOEXEC);
  errno = EINVAL;
  return -1;
}

SharedRegion::SharedRegion(SharedRegion&& other) noexcept
    : file_(std::exchange(other.file_, -1)),
      data_(std::exchange(other.data_, nullptr)),
      size_(std::exchange(other.size_, 0)) {}

SharedRegion& SharedRegion::operator=(SharedRegion&& other) noexcept {
  std::swap(file_, other.file_);
  std::swap(data_, other.data_);
  std::swap(size_, other.size_);
  return *this;
}

SharedRegion::~SharedRegion() {
  if (data_ != nullptr) ::munmap(data_, size_);
  if (file_ >= 0) ::close(file_);
}

Status SharedRegion::map() {
  void* data = ::mmap(nullptr, size_, PROT_READ | PROT_WRITE, MAP_SHARED, file_, 0);
  if (data == MAP_FAILED) return io_error("cannot map");
  data_ = static_cast<std::byte*>(data);
  return {};
}

Result<SharedRegion> SharedRegion::create(std::uint64_t bytes) {
  if (bytes < kFirstOffset || bytes > kLargest) {
    return fail(RDU_ERR_INVALID_ARGUMENT, bytes, " bytes of shared memory");
  }
  SharedRegion region;
  region.file_ = ::memfd_create("rdu-remote", MFD_CLOEXEC | MFD_ALLOW_SEALING);
  region.size_ = bytes;
  if (region.file_ < 0 || ::fchmod(region.file_, 0600) != 0 ||
      ::ftruncate(region.file_, static_cast<off_t>(bytes)) != 0 ||
      ::fcntl(region.file_, F_ADD_SEALS, kSeals) != 0) {
    return io_error("cannot make");
  }
  if (Status status = region.map(); !status.ok()) return status;
  fill_random(region.bytes().first(sizeof(SessionId)));
  return region;
}

SharedMemory SharedRegion::describe() const {
  SharedMemory answer;
  answer.name = descriptor_name(file_);
  answer.bytes = size_;
  std::memcpy(answer.proof.data(), data_, answer.proof.size());
  return answer;
}

Result<SharedRegion> SharedRegion::attach(const SharedMemory& answer) {
  if (answer.bytes < kFirstOffset || answer.bytes > kLargest) {
    return fail(RDU_ERR_INVALID_ARGUMENT, answer.bytes, " bytes of shared memory");
  }
  SharedRegion region;
  region.file_ = open_descriptor(answer.name, O_RDWR);
  if (region.file_ < 0) return io_error("cannot open");
  struct stat info = {};
  const bool sealed = (::fcntl(region.file_, F_GET_SEALS) & kSeals) == kSeals;
  if (::fstat(region.file_, &info) != 0 || !sealed ||
      static_cast<std::uint64_t>(info.st_size) != answer.bytes) {
    return fail(RDU_ERR_NOT_FOUND, answer.name, " is not the peer's memory: it is on another host");
  }
  region.size_ = answer.bytes;
  if (Status status = region.map(); !status.ok()) return status;
  if (std::memcmp(region.data_, answer.proof.data(), answer.proof.size()) != 0) {
    return fail(RDU_ERR_NOT_FOUND, answer.name, " lacks the peer's proof: it is on another host");
  }
  return region;
}

}  // namespace rdu::remote
