// Owners of what the driver hands out.
#include "plugins/rdu/chip.hpp"

#include <utility>

namespace rdu::chip_plugin {

using plugin::fail;
using plugin::Result;
using plugin::Status;

namespace {

rdu_code code_of(rdu_hw_code code) {
  switch (code) {
    case RDU_HW_ERR_ARCH:
      return RDU_ERR_INVALID_ARGUMENT;
    case RDU_HW_ERR_IO:
      return RDU_ERR_IO;
    case RDU_HW_ERR_MEMORY:
    case RDU_HW_ERR_CAPACITY:
      return RDU_ERR_OUT_OF_MEMORY;
    case RDU_HW_ERR_IMAGE:
      return RDU_ERR_BAD_ARTIFACT;
    case RDU_HW_ERR_FIT:
    case RDU_HW_ERR_UNSUPPORTED:
      return RDU_ERR_UNSUPPORTED;
    case RDU_HW_ERR_BUSY:
      return RDU_ERR_BUSY;
    case RDU_HW_ERR_FAULT:
      return RDU_ERR_OUT_OF_RANGE;
    case RDU_HW_ERR_DEADLOCK:
      return RDU_ERR_DEVICE;
    case RDU_HW_ERR_STOPPED:
      return RDU_ERR_CANCELLED;
    default:
      return RDU_ERR_PLUGIN;
  }
}

}  // namespace

Status status_of(rdu_hw_code code, const rdu_hw_error& error) {
  return code == RDU_HW_OK ? Status() : Status(code_of(code), error.text);
}

Result<Package> decode(const rdu_bytes& payload) {
  rdu_hw_package* package = nullptr;
  rdu_hw_image_error error = {};
  const auto code = rdu_hw_package_decode(payload.data, payload.size, &package, &error);
  if (code == RDU_HW_IMAGE_OK) return Package(package);
  return Status(code == RDU_HW_IMAGE_ERR_MEMORY ? RDU_ERR_OUT_OF_MEMORY : RDU_ERR_BAD_ARTIFACT,
                error.text);
}

Result<Allocation> Allocation::make(rdu_hw_chip* chip, std::uint32_t tier, std::uint64_t bytes,
                                    std::uint64_t alignment) {
  Allocation made;
  rdu_hw_error error = {};
  const auto code = rdu_hw_memory_allocate(chip, tier, bytes, alignment, &made.address_, &error);
  if (code != RDU_HW_OK) return status_of(code, error);
  made.chip_ = chip;
  made.tier_ = tier;
  made.bytes_ = bytes;
  return made;
}

Allocation& Allocation::operator=(Allocation&& other) noexcept {
  std::swap(chip_, other.chip_);
  std::swap(tier_, other.tier_);
  std::swap(address_, other.address_);
  std::swap(bytes_, other.bytes_);
  return *this;
}

Allocation::~Allocation() {
  if (chip_ != nullptr) rdu_hw_memory_free(chip_, tier_, address_, nullptr);
}

Status write(rdu_hw_chip* chip, std::uint32_t tier, std::uint64_t address, const void* host,
             std::uint64_t bytes) {
  rdu_hw_error error = {};
  return status_of(rdu_hw_memory_write(chip, tier, address, host, bytes, &error), error);
}

Status read(rdu_hw_chip* chip, std::uint32_t tier, std::uint64_t address, void* host,
            std::uint64_t bytes) {
  rdu_hw_error error = {};
  return status_of(rdu_hw_memory_read(chip, tier, address, host, bytes, &error), error);
}

}  // namespace rdu::chip_plugin
