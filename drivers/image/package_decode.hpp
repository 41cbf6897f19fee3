// Bytes become a package, and a package becomes text.
#pragma once

#include <rdu_hw/package.h>

#include <cstddef>
#include <memory>
#include <string>
#include <vector>

#include "drivers/image/decode.hpp"

namespace rdu_hw::image {

// What rdu_hw_package_decode hands out.
struct DecodedPackage : rdu_hw_package {
  std::unique_ptr<Decoded> own_image;
  std::vector<rdu_hw_binding> own_bindings;
};

// Both throw a Fault where the bytes are not a package.
std::unique_ptr<DecodedPackage> decode_package(const void* bytes, std::size_t size);
void check_bindings(const DecodedPackage& package);

std::string text_of(const rdu_hw_package& package);

inline constexpr std::uint64_t kImageAlignment = 8;

inline constexpr std::uint64_t aligned_to(std::uint64_t offset, std::uint64_t alignment) {
  return (offset + alignment - 1) / alignment * alignment;
}

// The part of a package that its hash covers begins here and ends with the data.
inline constexpr std::uint64_t kPackageHashedFrom = offsetof(rdu_hw_package_header, major);

static_assert(sizeof(rdu_hw_package_header) == 96 && sizeof(rdu_hw_binding) == 40);

}  // namespace rdu_hw::image
