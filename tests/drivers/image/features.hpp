// What an image makes a chip do: so that a generator cannot lose anything unseen.
#pragma once

#include <rdu_hw/config.h>

#include <set>
#include <string>

namespace image_test {

// Names of kFeatures.
std::set<std::string> features_of(const rdu_hw_image& image, const rdu_hw_arch& arch);

// All that features_of() can find.
extern const std::set<std::string> kFeatures;

}  // namespace image_test
