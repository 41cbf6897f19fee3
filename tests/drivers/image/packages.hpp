// A package by hand, with every source, and how bytes of one are sealed again after they were changed.
#pragma once

#include <cstdint>
#include <vector>

#include "drivers/image/package.hpp"

namespace image_test {

// Its arguments, by what they are bound to.
enum { kX, kY, kTable, kMiddle, kScale, kCount };

rdu_hw::image::Package sample_package();

// Makes size and hash fit the bytes, and the hash of the image inside.
void seal_package(std::vector<std::uint8_t>& bytes);

}  // namespace image_test
