// Reserved address space whose pages come and go with the allocations in it.
#include "drivers/emu/driver/backing.hpp"

#include <fcntl.h>
#include <sys/mman.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>

#include "drivers/emu/driver/fault.hpp"

namespace rdu_hw::emu {
namespace {

// With less address space than this there is no use in a smaller piece.
constexpr std::uint64_t kLeastBytes = std::uint64_t{1} << 20;

std::uint64_t page_bytes() {
  static const auto bytes = static_cast<std::uint64_t>(sysconf(_SC_PAGESIZE));
  return bytes;
}

std::uint64_t page_of(std::uint64_t address) { return address / page_bytes() * page_bytes(); }

std::uint64_t page_behind(std::uint64_t end) { return page_of(end + page_bytes() - 1); }

std::string reason() { return std::strerror(errno); }

}  // namespace

BackingFile::BackingFile(const char* path) {
  descriptor_ = open(path, O_CREAT | O_EXCL | O_RDWR | O_CLOEXEC, 0600);
  if (descriptor_ < 0) {
    fail(RDU_HW_ERR_IO, "memory file '", path, "' cannot be created: ", reason());
  }
  unlink(path);
}

BackingFile::~BackingFile() {
  if (descriptor_ >= 0) close(descriptor_);
}

Backing::Backing(std::uint64_t bytes, const BackingFile& file, std::uint64_t file_offset)
    : size_(bytes), file_(file.descriptor()), file_offset_(file_offset) {
  if (bytes == 0) return;
  int flags = MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE;
  if (file_ >= 0) {
    flags = MAP_SHARED;
    if (ftruncate(file_, static_cast<off_t>(file_offset + bytes)) != 0) {
      fail(RDU_HW_ERR_IO, "memory file cannot have ", file_offset + bytes, " bytes: ", reason());
    }
  }
  for (;; size_ /= 2) {
    void* mapped = mmap(nullptr, page_behind(size_), PROT_NONE, flags, file_,
                        static_cast<off_t>(file_ < 0 ? 0 : file_offset));
    if (mapped != MAP_FAILED) {
      data_ = static_cast<std::byte*>(mapped);
      return;
    }
    if (size_ <= kLeastBytes) {
      fail(RDU_HW_ERR_MEMORY, "no address space for ", size_,
           " bytes of device memory: ", reason());
    }
  }
}

Backing::~Backing() {
  if (data_ != nullptr) munmap(data_, page_behind(size_));
}

void Backing::commit(std::uint64_t address, std::uint64_t bytes) {
  // A hole of a file that the disk has no room for would be a signal at the first write.
  if (file_ >= 0) {
    const int failed = posix_fallocate(file_, static_cast<off_t>(file_offset_ + address),
                                       static_cast<off_t>(bytes));
    if (failed != 0) {
      fail(RDU_HW_ERR_IO, "memory file has no room for ", bytes, " bytes: ", std::strerror(failed));
    }
  }
  const std::uint64_t from = page_of(address);
  const std::uint64_t end = page_behind(address + bytes);
  if (mprotect(data_ + from, end - from, PROT_READ | PROT_WRITE) != 0) {
    fail(RDU_HW_ERR_MEMORY, "no memory for ", bytes, " bytes of device memory: ", reason());
  }
}

// Whole pages go back and come again as zeros; what shares a page with a neighbour is cleared by hand.
void Backing::release(std::uint64_t address, std::uint64_t bytes) noexcept {
  const std::uint64_t end = address + bytes;
  const std::uint64_t first = std::min(page_behind(address), end);
  const std::uint64_t last = std::max(page_of(end), first);
  std::memset(data_ + address, 0, first - address);
  std::memset(data_ + last, 0, end - last);
  if (first == last) return;
  const bool given_back = file_ < 0 ? madvise(data_ + first, last - first, MADV_DONTNEED) == 0
                                    : fallocate(file_, FALLOC_FL_PUNCH_HOLE | FALLOC_FL_KEEP_SIZE,
                                                static_cast<off_t>(file_offset_ + first),
                                                static_cast<off_t>(last - first)) == 0;
  if (!given_back) std::memset(data_ + first, 0, last - first);
}

}  // namespace rdu_hw::emu
