// Reserves pages that no access is allowed to.
#include "sdk/base/address_range.hpp"

#include <sys/mman.h>

namespace rdu::base {

Result<AddressRange> AddressRange::reserve(std::size_t size) {
  if (size == 0) return AddressRange();
  void* data = ::mmap(nullptr, size, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
  if (data == MAP_FAILED) return fail(Code::kLimit, "there are no %zu bytes of addresses", size);
  return AddressRange(static_cast<const std::byte*>(data), size);
}

AddressRange::~AddressRange() {
  if (data_ != nullptr) ::munmap(const_cast<std::byte*>(data_), size_);
}

}  // namespace rdu::base
