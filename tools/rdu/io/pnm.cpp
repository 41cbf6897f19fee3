// PGM and PPM, text and binary, 8 and 16 bits.
#include "tools/rdu/io/pnm.hpp"

#include <cctype>

#include "tools/rdu/error.hpp"

namespace rdu::tool {

namespace {

constexpr int kMaxSide = 1 << 15;

class PnmReader {
 public:
  explicit PnmReader(std::span<const std::byte> bytes) : bytes_(bytes) {}

  int byte() {
    if (at_ == bytes_.size()) {
      throw ToolError("a PNM picture ends at byte " + std::to_string(at_));
    }
    return std::to_integer<int>(bytes_[at_++]);
  }

  // The next decimal number, after white space and comments; eats the one white space behind it.
  int number(int limit) {
    int c = byte();
    while (std::isspace(c) != 0 || c == '#') {
      if (c == '#') {
        while (c != '\n') c = byte();
      }
      c = byte();
    }
    int value = 0;
    if (std::isdigit(c) == 0) throw ToolError("a PNM picture has no number where one is due");
    while (std::isdigit(c) != 0) {
      value = value * 10 + (c - '0');
      if (value > limit) {
        throw ToolError("a PNM picture has a number above " + std::to_string(limit));
      }
      if (at_ == bytes_.size()) break;
      c = byte();
    }
    return value;
  }

 private:
  std::span<const std::byte> bytes_;
  std::size_t at_ = 0;
};

}  // namespace

Image decode_pnm(std::span<const std::byte> bytes) {
  PnmReader reader(bytes);
  if (reader.byte() != 'P') throw ToolError("not a PGM or PPM picture");
  const int kind = reader.byte() - '0';
  if (kind != 2 && kind != 3 && kind != 5 && kind != 6) {
    throw ToolError("a PNM picture of kind P" + std::to_string(kind) + " is not supported");
  }
  Image image;
  image.channels = kind % 3 == 0 ? 3 : 1;
  image.width = reader.number(kMaxSide);
  image.height = reader.number(kMaxSide);
  const int max_value = reader.number(65535);
  if (image.width == 0 || image.height == 0 || max_value == 0) {
    throw ToolError("a PNM picture has no pixels");
  }
  const bool binary = kind > 3;
  const auto count = static_cast<std::size_t>(image.width) *
                     static_cast<std::size_t>(image.height) *
                     static_cast<std::size_t>(image.channels);
  if (count > bytes.size()) throw ToolError("a PNM picture is shorter than its size says");
  image.pixels.resize(count);
  for (float& pixel : image.pixels) {
    int value = 0;
    if (!binary) {
      value = reader.number(65535);
    } else {
      value = reader.byte();
      if (max_value > 255) value = value * 256 + reader.byte();
    }
    pixel = static_cast<float>(value) / static_cast<float>(max_value);
  }
  return image;
}

}  // namespace rdu::tool
