// Cuts what rdu_hw_image_print says where its indentation says that a record begins.
#include "tools/rdu/chip/image_text.hpp"

#include <algorithm>
#include <string_view>

namespace rdu::tool {

namespace {

std::string print(const rdu_hw_image& image) {
  std::string text(rdu_hw_image_print(&image, nullptr, 0) + 1, '\0');
  rdu_hw_image_print(&image, text.data(), text.size());
  text.pop_back();
  return text;
}

}  // namespace

std::vector<std::string> context_texts(const rdu_hw_image& image) {
  std::vector<std::string> texts;
  const std::string text = print(image);
  bool inside = false;  // of a context
  for (std::size_t begin = 0; begin < text.size();) {
    const std::size_t end = std::min(text.find('\n', begin), text.size());
    const std::string_view line = std::string_view(text).substr(begin, end - begin);
    begin = end + 1;
    const bool is_record = line.find_first_not_of(' ') <= 2;
    if (is_record) inside = line.starts_with("  context ");
    if (!inside) continue;
    if (is_record) {
      texts.emplace_back(line.substr(2));
    } else {
      texts.back().append("\n").append(line.substr(2));
    }
  }
  texts.resize(image.num_contexts);
  return texts;
}

}  // namespace rdu::tool
