// memfd_create, seals, mmap.
#include "plugins/remote/node/segment.hpp"

#include <fcntl.h>
#include <sys/mman.h>
#include <unistd.h>

namespace rdu::remote::node {

namespace {

constexpr int kSeals = F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_SEAL;

}  // namespace

Segment::Segment(Segment&& other) noexcept
    : file_(std::move(other.file_)),
      data_(std::exchange(other.data_, nullptr)),
      size_(std::exchange(other.size_, 0)) {}

Segment& Segment::operator=(Segment&& other) noexcept {
  std::swap(file_, other.file_);
  std::swap(data_, other.data_);
  std::swap(size_, other.size_);
  return *this;
}

Segment::~Segment() {
  if (data_ != nullptr) ::munmap(data_, size_);
}

Result<Segment> Segment::create(std::size_t bytes) {
  Segment segment;
  segment.file_ = Descriptor(::memfd_create("rdu-node", MFD_CLOEXEC | MFD_ALLOW_SEALING));
  if (!segment.file_) return system_error("cannot make", "shared memory");
  if (::ftruncate(segment.file(), static_cast<off_t>(bytes)) != 0 ||
      ::fcntl(segment.file(), F_ADD_SEALS, kSeals) != 0) {
    return system_error("cannot size", "shared memory");
  }
  segment.size_ = bytes;
  RDU_NODE_TRY(segment.map_now());
  return segment;
}

Result<Segment> Segment::map(Descriptor file) {
  Segment segment;
  segment.file_ = std::move(file);
  if ((::fcntl(segment.file(), F_GET_SEALS) & kSeals) != kSeals) {
    return fail(RDU_ERR_PERMISSION, "shared memory whose size is not sealed");
  }
  const Result<std::uint64_t> size = file_size(segment.file());
  if (!size.ok()) return size.status();
  segment.size_ = *size;
  RDU_NODE_TRY(segment.map_now());
  return segment;
}

Status Segment::map_now() {
  void* data = ::mmap(nullptr, size_, PROT_READ | PROT_WRITE, MAP_SHARED, file(), 0);
  if (data == MAP_FAILED) return system_error("cannot map", "shared memory");
  data_ = static_cast<std::byte*>(data);
  return {};
}

}  // namespace rdu::remote::node
