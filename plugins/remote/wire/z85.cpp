// Base 85, most significant digit first.
#include "plugins/remote/wire/z85.hpp"

#include <array>

namespace rdu::remote {
namespace {

constexpr std::string_view kDigits =
    "0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ.-:+=^!/*?&<>()[]{}@%$#";
static_assert(kDigits.size() == 85);

}  // namespace

std::string z85_encode(std::span<const std::uint8_t> bytes) {
  std::string text;
  for (std::size_t i = 0; i + 4 <= bytes.size(); i += 4) {
    std::uint32_t word = 0;
    for (std::size_t k = 0; k < 4; ++k) word = word << 8 | bytes[i + k];
    std::array<char, 5> digits{};
    for (std::size_t k = 5; k-- > 0; word /= 85) digits[k] = kDigits[word % 85];
    text.append(digits.data(), digits.size());
  }
  return text;
}

std::optional<std::vector<std::uint8_t>> z85_decode(std::string_view text) {
  if (text.size() % 5 != 0) return std::nullopt;
  std::vector<std::uint8_t> bytes;
  for (std::size_t i = 0; i < text.size(); i += 5) {
    std::uint64_t word = 0;
    for (const char c : text.substr(i, 5)) {
      const std::size_t digit = kDigits.find(c);
      if (digit == std::string_view::npos) return std::nullopt;
      word = word * 85 + digit;
    }
    if (word > 0xffffffff) return std::nullopt;
    for (int shift = 24; shift >= 0; shift -= 8) {
      bytes.push_back(static_cast<std::uint8_t>(word >> shift));
    }
  }
  return bytes;
}

}  // namespace rdu::remote
