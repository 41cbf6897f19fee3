// XML elements of a picture, written one after another.
#include "tools/rdu/chip/svg.hpp"

#include <algorithm>
#include <cstdint>
#include <vector>

#include "tools/rdu/chip/quantity.hpp"

namespace rdu::tool {

namespace {

constexpr std::string_view kReplacement = "\xef\xbf\xbd";

// Bytes of the character at the beginning; 0 where UTF-8 does not allow it, or XML.
std::size_t character_bytes(std::string_view text) {
  const auto byte = [&](std::size_t i) {
    return i < text.size() ? static_cast<unsigned char>(text[i]) : 0u;
  };
  const std::uint32_t first = byte(0);
  if (first < 0x80) return first >= 0x20 || first == '\n' || first == '\t' ? 1 : 0;
  const std::size_t count = first >> 5 == 6 ? 2 : first >> 4 == 14 ? 3 : first >> 3 == 30 ? 4 : 0;
  if (count == 0) return 0;
  std::uint32_t code = first & (0x7fu >> count);
  for (std::size_t i = 1; i < count; ++i) {
    if (byte(i) >> 6 != 2) return 0;
    code = code << 6 | (byte(i) & 0x3fu);
  }
  constexpr std::uint32_t kLeast[] = {0, 0, 0x80, 0x800, 0x10000};
  const bool is_surrogate = code >= 0xd800 && code <= 0xdfff;
  const bool is_control = code < 0xa0;
  const bool is_allowed = code <= 0x10ffff && code != 0xfffe && code != 0xffff;
  return code >= kLeast[count] && is_allowed && !is_surrogate && !is_control ? count : 0;
}

std::string_view escaped(char c) {
  switch (c) {
    case '&':
      return "&amp;";
    case '<':
      return "&lt;";
    case '>':
      return "&gt;";
    case '"':
      return "&quot;";
    default:
      return {};
  }
}

std::vector<std::string_view> characters(std::string_view text) {
  std::vector<std::string_view> all;
  while (!text.empty()) {
    all.push_back(text.substr(0, std::max<std::size_t>(character_bytes(text), 1)));
    text.remove_prefix(all.back().size());
  }
  return all;
}

std::string join(const std::vector<std::string_view>& characters, std::size_t begin,
                 std::size_t end) {
  std::string text;
  for (std::size_t i = begin; i < end; ++i) text += characters[i];
  return text;
}

}  // namespace

std::string xml_escape(std::string_view text) {
  std::string out;
  while (!text.empty()) {
    const std::size_t bytes = character_bytes(text);
    const std::string_view entity = escaped(text.front());
    out += !entity.empty() ? entity : bytes == 0 ? kReplacement : text.substr(0, bytes);
    text.remove_prefix(std::max<std::size_t>(bytes, 1));
  }
  return out;
}

std::string shorten(std::string_view text, std::size_t count) {
  const std::vector<std::string_view> letters = characters(text);
  if (letters.size() <= count) return std::string(text);
  return join(letters, 0, count - 1) + "…";
}

std::string shorten_inside(std::string_view text, std::size_t count) {
  const std::vector<std::string_view> letters = characters(text);
  if (letters.size() <= count) return std::string(text);
  const std::size_t head = (count - 1) / 3, tail = count - 1 - head;
  return join(letters, 0, head) + "…" + join(letters, letters.size() - tail, letters.size());
}

std::string px(double value) { return decimal_text(value, 2); }

void Svg::begin(const char* tag, Attributes attributes) {
  text_ += std::string(depth_, ' ') + '<' + tag;
  for (const auto& [name, value] : attributes) {
    text_ += std::string(" ") + name + "=\"" + xml_escape(value) + '"';
  }
}

void Svg::open(const char* tag, Attributes attributes) {
  begin(tag, attributes);
  text_ += ">\n";
  ++depth_;
}

void Svg::close(const char* tag) {
  --depth_;
  text_ += std::string(depth_, ' ') + "</" + tag + ">\n";
}

void Svg::element(const char* tag, Attributes attributes) {
  begin(tag, attributes);
  text_ += "/>\n";
}

void Svg::text(const char* tag, Attributes attributes, std::string_view text) {
  begin(tag, attributes);
  text_ += '>' + xml_escape(text) + "</" + tag + ">\n";
}

}  // namespace rdu::tool
