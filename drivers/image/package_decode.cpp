// The container of a package: header, bindings, image, data; the data is only measured.
#include "drivers/image/package_decode.hpp"

#include <algorithm>
#include <cstring>

#include "drivers/image/fault.hpp"
#include "drivers/image/tables.hpp"

namespace rdu_hw::image {
namespace {

constexpr auto kFormat = RDU_HW_IMAGE_ERR_FORMAT;

rdu_hw_package_header read_header(const void* bytes, std::uint64_t size) {
  rdu_hw_package_header header;
  demand(size >= sizeof header, kFormat, {}, "package size", "at least 96 bytes", size);
  std::memcpy(&header, bytes, sizeof header);
  if (std::memcmp(header.magic, RDU_HW_PACKAGE_MAGIC, sizeof header.magic) != 0) {
    refuse(kFormat, {}, "package magic", RDU_HW_PACKAGE_MAGIC, "other bytes");
  }
  demand_equal(header.major, RDU_HW_PACKAGE_MAJOR, RDU_HW_IMAGE_ERR_VERSION, {},
               "package major version");
  demand_equal(header.bytes, size, kFormat, {}, "package bytes");
  demand_equal(header.reserved, 0, kFormat, {}, "package reserved");
  return header;
}

// Where everything lies follows from the counts; what the header says must agree.
void check_extents(const rdu_hw_package_header& header) {
  const std::uint64_t size = header.bytes;
  const std::uint64_t most = (size - sizeof header) / sizeof(rdu_hw_binding);
  demand_within<std::uint64_t>(header.num_bindings, 0, most, kFormat, {}, "package num_bindings");
  const std::uint64_t image =
      aligned_to(sizeof header + header.num_bindings * sizeof(rdu_hw_binding), kImageAlignment);
  demand_equal(header.image_offset, image, kFormat, {}, "package image_offset");
  demand(image <= size && header.image_bytes <= size - image, kFormat, {}, "package image_bytes",
         "an image within the package", header.image_bytes);
  const std::uint64_t end = image + header.image_bytes;
  const std::uint64_t data =
      header.data_bytes == 0 ? end : aligned_to(end, RDU_HW_PACKAGE_ALIGNMENT);
  demand_equal(header.data_offset, data, kFormat, {}, "package data_offset");
  demand(data <= size && header.data_bytes == size - data, kFormat, {}, "package data_bytes",
         "the rest of the package", header.data_bytes);
}

void demand_zeros(const std::uint8_t* bytes, std::uint64_t from, std::uint64_t to) {
  const bool clean = std::all_of(bytes + from, bytes + to, [](std::uint8_t b) { return b == 0; });
  demand(clean, kFormat, {}, "package padding", "zeros", 1);
}

}  // namespace

std::unique_ptr<DecodedPackage> decode_package(const void* given, std::size_t size) {
  const auto* bytes = static_cast<const std::uint8_t*>(given);
  const rdu_hw_package_header header = read_header(bytes, size);
  check_extents(header);
  const std::uint64_t hash =
      hash_of(bytes + kPackageHashedFrom, header.data_offset - kPackageHashedFrom);
  demand_equal(header.hash, hash, kFormat, {}, "package hash");
  const std::uint64_t table_bytes = header.num_bindings * sizeof(rdu_hw_binding);
  demand_zeros(bytes, sizeof header + table_bytes, header.image_offset);
  demand_zeros(bytes, header.image_offset + header.image_bytes, header.data_offset);

  auto package = std::make_unique<DecodedPackage>();
  package->own_bindings.resize(header.num_bindings);
  if (table_bytes != 0) {
    std::memcpy(package->own_bindings.data(), bytes + sizeof header, table_bytes);
  }
  package->own_image = decode_image(bytes + header.image_offset, header.image_bytes);
  package->image = package->own_image.get();
  package->bindings = package->own_bindings.data();
  package->image_bytes = bytes + header.image_offset;
  package->image_size = header.image_bytes;
  package->data = bytes + header.data_offset;
  package->data_size = header.data_bytes;
  std::copy_n(header.scratch_bytes, RDU_HW_NUM_TIERS, package->scratch_bytes);
  package->estimated_cycles = header.estimated_cycles;
  package->hash = header.hash;
  demand_equal(header.num_bindings, package->image->num_arguments, RDU_HW_IMAGE_ERR_CONFLICT, {},
               "package num_bindings");
  check_bindings(*package);
  return package;
}

}  // namespace rdu_hw::image
