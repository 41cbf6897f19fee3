// A package as its parts: what a compiler fills, and write_package() turns into bytes.
#pragma once

#include <rdu_hw/package.h>

#include <cstdint>
#include <span>
#include <string_view>
#include <vector>

namespace rdu_hw::image {

struct Package {
  std::vector<std::uint8_t> image;       // of write_image()
  std::vector<rdu_hw_binding> bindings;  // one for each argument of the image
  std::vector<std::uint8_t> data;
  std::uint64_t scratch_bytes[RDU_HW_NUM_TIERS] = {};
  std::uint64_t estimated_cycles = 0;
};

// Short ways to write the records. Without a conversion, `elements` are bytes.
rdu_hw_binding bind_value(std::uint32_t value, std::uint32_t moves, std::uint64_t elements,
                          std::uint32_t conversion = RDU_HW_CONVERT_NONE, std::uint64_t offset = 0);
rdu_hw_binding bind_constant(std::uint32_t value, std::uint64_t elements,
                             std::uint32_t conversion = RDU_HW_CONVERT_NONE,
                             std::uint64_t offset = 0);
rdu_hw_binding bind_data(std::uint64_t offset, std::uint64_t bytes);
rdu_hw_binding bind_scratch(std::uint64_t offset);
rdu_hw_binding bind_word(std::uint32_t word);
rdu_hw_binding bind_check(std::uint32_t value, std::uint64_t dimension, std::uint64_t extent);

// Puts bytes at the end of the data and says where they lie there.
std::uint64_t add_data(Package& package, std::span<const std::uint8_t> bytes);
// Puts a region of `bytes` at the end of a tier's scratch and says where it lies there.
std::uint64_t add_scratch(Package& package, std::uint32_t tier, std::uint64_t bytes,
                          std::uint32_t alignment);

// The bytes of a package; the same parts give the same bytes. Checks nothing: rdu_hw_package_decode does.
std::vector<std::uint8_t> write_package(const Package& package);

// What stands in its place where there is none; `reason` is a code of the host's.
std::vector<std::uint8_t> write_refusal(std::uint32_t reason, std::string_view sentence);

}  // namespace rdu_hw::image
