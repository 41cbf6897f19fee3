// Bytes become tables.
#pragma once

#include <rdu_hw/config.h>

#include <cstddef>
#include <cstdint>
#include <memory>

namespace rdu_hw::image {

// What rdu_hw_image_decode hands out: the tables lie in `storage`.
struct Decoded : rdu_hw_image {
  std::unique_ptr<std::uint64_t[]> storage;
};

// Throws a Fault where the bytes are not an image.
std::unique_ptr<Decoded> decode_image(const void* bytes, std::size_t size);
// Throws a Fault where a chip cannot run an image.
void fit_image(const rdu_hw_image& image, const rdu_hw_arch& arch);

}  // namespace rdu_hw::image
