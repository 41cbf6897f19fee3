// Colours of a picture, and the style sheet that holds them for light and dark pages.
#pragma once

#include <cstddef>
#include <string>

namespace rdu::tool {

// Fill and stroke of group number `group` are the classes "f<c>" and "s<c>" with this c. Few groups are spread over the
// colours; more than there are begin again, and their numbers tell them apart.
std::size_t colour_of(std::size_t group, std::size_t num_groups);

// The content of <style>.
std::string style_sheet();

}  // namespace rdu::tool
