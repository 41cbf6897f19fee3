// The parts of a package become bytes.
#include <algorithm>
#include <cstring>

#include "drivers/image/package.hpp"
#include "drivers/image/package_decode.hpp"
#include "drivers/image/tables.hpp"

namespace rdu_hw::image {

rdu_hw_binding bind_value(std::uint32_t value, std::uint32_t moves, std::uint64_t elements,
                          std::uint32_t conversion, std::uint64_t offset) {
  return {RDU_HW_SOURCE_VALUE, conversion, value, moves, offset, elements, 0, 0};
}

rdu_hw_binding bind_constant(std::uint32_t value, std::uint64_t elements, std::uint32_t conversion,
                             std::uint64_t offset) {
  return {RDU_HW_SOURCE_CONSTANT, conversion, value, RDU_HW_MOVE_IN, offset, elements, 0, 0};
}

rdu_hw_binding bind_data(std::uint64_t offset, std::uint64_t bytes) {
  return {RDU_HW_SOURCE_DATA, RDU_HW_CONVERT_NONE, RDU_HW_NONE, 0, offset, bytes, 0, 0};
}

rdu_hw_binding bind_scratch(std::uint64_t offset) {
  return {RDU_HW_SOURCE_SCRATCH, RDU_HW_CONVERT_NONE, RDU_HW_NONE, 0, offset, 0, 0, 0};
}

rdu_hw_binding bind_word(std::uint32_t word) {
  return {RDU_HW_SOURCE_WORD, RDU_HW_CONVERT_NONE, RDU_HW_NONE, 0, 0, 0, word, 0};
}

rdu_hw_binding bind_check(std::uint32_t value, std::uint64_t dimension, std::uint64_t extent) {
  return {RDU_HW_SOURCE_CHECK, RDU_HW_CONVERT_NONE, value, 0, dimension, extent, 0, 0};
}

std::uint64_t add_data(Package& package, std::span<const std::uint8_t> bytes) {
  const std::uint64_t offset = aligned_to(package.data.size(), RDU_HW_PACKAGE_ALIGNMENT);
  package.data.resize(offset);
  package.data.insert(package.data.end(), bytes.begin(), bytes.end());
  return offset;
}

std::uint64_t add_scratch(Package& package, std::uint32_t tier, std::uint64_t bytes,
                          std::uint32_t alignment) {
  const std::uint64_t offset = aligned_to(package.scratch_bytes[tier], alignment);
  package.scratch_bytes[tier] = offset + bytes;
  return offset;
}

std::vector<std::uint8_t> write_package(const Package& package) {
  rdu_hw_package_header header = {};
  std::memcpy(header.magic, RDU_HW_PACKAGE_MAGIC, sizeof header.magic);
  header.major = RDU_HW_PACKAGE_MAJOR;
  header.minor = RDU_HW_PACKAGE_MINOR;
  header.num_bindings = static_cast<std::uint32_t>(package.bindings.size());
  const std::uint64_t table_bytes = package.bindings.size() * sizeof(rdu_hw_binding);
  header.image_offset = aligned_to(sizeof header + table_bytes, kImageAlignment);
  header.image_bytes = package.image.size();
  header.data_offset = header.image_offset + header.image_bytes;
  header.data_bytes = package.data.size();
  if (header.data_bytes != 0) {
    header.data_offset = aligned_to(header.data_offset, RDU_HW_PACKAGE_ALIGNMENT);
  }
  header.bytes = header.data_offset + header.data_bytes;
  std::copy_n(package.scratch_bytes, RDU_HW_NUM_TIERS, header.scratch_bytes);
  header.estimated_cycles = package.estimated_cycles;

  std::vector<std::uint8_t> bytes(header.bytes);
  if (table_bytes != 0) {
    std::memcpy(bytes.data() + sizeof header, package.bindings.data(), table_bytes);
  }
  std::copy(package.image.begin(), package.image.end(),
            bytes.begin() + static_cast<std::ptrdiff_t>(header.image_offset));
  std::copy(package.data.begin(), package.data.end(),
            bytes.begin() + static_cast<std::ptrdiff_t>(header.data_offset));
  std::memcpy(bytes.data(), &header, sizeof header);
  header.hash = hash_of(bytes.data() + kPackageHashedFrom, header.data_offset - kPackageHashedFrom);
  std::memcpy(bytes.data(), &header, sizeof header);
  return bytes;
}

}  // namespace rdu_hw::image
