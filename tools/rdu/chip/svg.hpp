// XML elements of a picture, written one after another.
#pragma once

#include <initializer_list>
#include <string>
#include <string_view>
#include <utility>

namespace rdu::tool {

// Of text from anywhere: valid UTF-8 without characters that XML does not have, and with its own escaped.
std::string xml_escape(std::string_view text);
// At most `count` characters, the last of them an ellipsis where some are missing.
std::string shorten(std::string_view text, std::size_t count);
// The same with the ellipsis inside: names of nodes are paths, whose ends tell them apart.
std::string shorten_inside(std::string_view text, std::size_t count);
// A length or position: at most two digits behind the point.
std::string px(double value);

class Svg {
 public:
  // Elements are written `depth` deep.
  explicit Svg(std::size_t depth = 0) : depth_(depth) {}

  using Attributes = std::initializer_list<std::pair<const char*, std::string>>;

  void open(const char* tag, Attributes attributes = {});
  void close(const char* tag);
  void element(const char* tag, Attributes attributes);
  // `text` is escaped here, and so are all values of attributes.
  void text(const char* tag, Attributes attributes, std::string_view text);
  void title(std::string_view text) { this->text("title", {}, text); }
  void raw(std::string_view lines) { text_ += lines; }

  const std::string& text() const { return text_; }

 private:
  void begin(const char* tag, Attributes attributes);

  std::string text_;
  std::size_t depth_;
};

}  // namespace rdu::tool
