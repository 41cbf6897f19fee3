// Numbers for people, the same on every machine.
#include "tools/rdu/chip/quantity.hpp"

#include <array>
#include <charconv>

namespace rdu::tool {

namespace {

// Three figures, of which the last may be none behind the point.
std::string three_figures(double value) {
  return decimal_text(value, value < 9.995 ? 2 : value < 99.95 ? 1 : 0);
}

}  // namespace

std::string decimal_text(double value, int digits) {
  std::array<char, 400> buffer;
  const auto end = std::to_chars(buffer.data(), buffer.data() + buffer.size(), value,
                                 std::chars_format::fixed, digits);
  std::string text(buffer.data(), end.ptr);
  if (digits > 0) {
    text.erase(text.find_last_not_of('0') + 1);
    if (text.back() == '.') text.pop_back();
  }
  return text == "-0" ? "0" : text;
}

std::string count_text(std::uint64_t count) {
  std::string text = std::to_string(count);
  for (std::size_t at = text.size(); at > 3;) text.insert(at -= 3, 1, ',');
  return text;
}

std::string bytes_text(std::uint64_t bytes) {
  static constexpr std::array<const char*, 5> kUnits = {" B", " kB", " MB", " GB", " TB"};
  auto value = static_cast<double>(bytes);
  std::size_t unit = 0;
  for (; value >= 999.5 && unit + 1 < kUnits.size(); ++unit) value /= 1000;
  return three_figures(value) + kUnits[unit];
}

std::string percent_text(double share) {
  const double percent = 100 * share;
  return decimal_text(percent, percent < 9.95 ? 1 : 0) + " %";
}

std::string time_text(std::uint64_t cycles, std::uint64_t clock_hz) {
  static constexpr std::array<const char*, 4> kUnits = {" ns", " us", " ms", " s"};
  double value = 1e9 * static_cast<double>(cycles) / static_cast<double>(clock_hz);
  std::size_t unit = 0;
  for (; value >= 999.5 && unit + 1 < kUnits.size(); ++unit) value /= 1000;
  return three_figures(value) + kUnits[unit];
}

}  // namespace rdu::tool
