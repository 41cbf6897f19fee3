// Damages bytes of an image: what a fuzzer does, with a seed.
#pragma once

#include <cstdint>
#include <vector>

namespace image_test {

std::vector<std::uint8_t> mutated(std::vector<std::uint8_t> bytes, std::uint64_t seed);

}  // namespace image_test
