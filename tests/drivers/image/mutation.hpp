// Damages bytes of an image: what a fuzzer does, with a seed.
#pragma once

#include <cstdint>
#include <vector>

namespace image_test {

std::vector<std::uint8_t> mutated(std::vector<std::uint8_t> bytes, std::uint64_t seed);

// Makes hash and size fit the bytes again, so that what lies behind them is reached.
void seal(std::vector<std::uint8_t>& bytes);

}  // namespace image_test
