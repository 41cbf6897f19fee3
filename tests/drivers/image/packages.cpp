// A package by hand, with every source.
#include "tests/drivers/image/packages.hpp"

#include <algorithm>
#include <cstring>

#include "drivers/image/program.hpp"
#include "tests/drivers/image/mutation.hpp"

namespace image_test {

using namespace rdu_hw::image;

namespace {

constexpr std::uint64_t kBytes = 1024;

Argument region(std::uint32_t access) {
  return {{RDU_HW_ARGUMENT_REGION, access, RDU_HW_TIER_DRAM, 64, kBytes}, {}};
}

Argument scalar(std::uint32_t access) { return {{RDU_HW_ARGUMENT_SCALAR, access, 0, 4, 4}, {}}; }

}  // namespace

Package sample_package() {
  Program program;
  program.arguments = {region(RDU_HW_ACCESS_READ), region(RDU_HW_ACCESS_WRITE),
                       region(RDU_HW_ACCESS_READ), region(RDU_HW_ACCESS_READ | RDU_HW_ACCESS_WRITE),
                       scalar(RDU_HW_ACCESS_READ), scalar(RDU_HW_ACCESS_WRITE)};
  Package package;
  package.image = write_image(program);
  const std::uint64_t table = add_data(package, std::vector<std::uint8_t>(kBytes, 3));
  const std::uint64_t middle = add_scratch(package, RDU_HW_TIER_DRAM, kBytes, 64);
  package.bindings = {bind_value(7, RDU_HW_MOVE_IN, kBytes / 4, RDU_HW_CONVERT_I64_I32, 16),
                      bind_value(9, RDU_HW_MOVE_OUT, kBytes),
                      bind_data(table, kBytes),
                      bind_scratch(middle),
                      bind_word(0x3f800000),
                      bind_value(11, RDU_HW_MOVE_OUT, 1, RDU_HW_CONVERT_I64_I32)};
  package.estimated_cycles = 1234;
  return package;
}

void seal_package(std::vector<std::uint8_t>& bytes) {
  rdu_hw_package_header header;
  if (bytes.size() < sizeof header) return;
  std::memcpy(&header, bytes.data(), sizeof header);
  header.bytes = bytes.size();
  if (header.image_offset <= bytes.size() &&
      header.image_bytes <= bytes.size() - header.image_offset) {
    const auto begin = bytes.begin() + static_cast<std::ptrdiff_t>(header.image_offset);
    const auto end = begin + static_cast<std::ptrdiff_t>(header.image_bytes);
    std::vector<std::uint8_t> image(begin, end);
    seal(image);
    std::copy(image.begin(), image.end(), begin);
  }
  std::memcpy(bytes.data(), &header, sizeof header);
  constexpr std::size_t kFrom = offsetof(rdu_hw_package_header, major);
  std::uint64_t hash = 0xcbf29ce484222325u;
  for (std::size_t i = kFrom; i < header.data_offset && i < bytes.size(); ++i) {
    hash = (hash ^ bytes[i]) * 0x100000001b3u;
  }
  std::memcpy(bytes.data() + offsetof(rdu_hw_package_header, hash), &hash, sizeof hash);
}

}  // namespace image_test
