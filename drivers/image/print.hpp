// An image as text.
#pragma once

#include <rdu_hw/config.h>

#include <string>

namespace rdu_hw::image {

std::string text_of(const rdu_hw_image& image);

}  // namespace rdu_hw::image
