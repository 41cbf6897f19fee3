// The printed form of an image, cut into its contexts.
#pragma once

#include <rdu_hw/config.h>

#include <string>
#include <vector>

namespace rdu::tool {

// All lines of each context of the image, the first one without its indent, without a newline at the end.
std::vector<std::string> context_texts(const rdu_hw_image& image);

}  // namespace rdu::tool
