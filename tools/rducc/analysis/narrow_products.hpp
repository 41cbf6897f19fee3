// Which contractions multiply in bf16.
#pragma once

#include <vector>

#include "sdk/artifact/model.hpp"

namespace rducc::analysis {

// By graph and number of the node: contractions of fp32 tensors as they are. Not those for which it buys little and costs most: with
// weights that form sums of fewer than 48 products (depthwise and first convolutions), and the smallest of the others, as many as hold a
// 256th of all weights. In deep convolutional networks they come first, and their errors pass through everything.
std::vector<std::vector<bool>> narrow_products(const rdu::artifact::Variant& variant);

}  // namespace rducc::analysis
