// Joins words and numbers into a message; streams and format libraries would cost more than the runtime weighs.
#pragma once

#include <charconv>
#include <concepts>
#include <span>
#include <string>
#include <string_view>

namespace rdu::runtime {

inline void append(std::string& out, std::string_view text) { out += text; }
inline void append(std::string& out, const char* text) { out += text ? text : ""; }
inline void append(std::string& out, char c) { out += c; }
void append(std::string& out, long long number);
void append(std::string& out, unsigned long long number);

template <std::integral Number>
void append(std::string& out, Number number) {
  if constexpr (std::signed_integral<Number>) {
    append(out, static_cast<long long>(number));
  } else {
    append(out, static_cast<unsigned long long>(number));
  }
}

// "[1,3,224,224]"
void append(std::string& out, std::span<const std::int64_t> shape);

template <typename... Parts>
std::string cat(const Parts&... parts) {
  std::string out;
  (append(out, parts), ...);
  return out;
}

}  // namespace rdu::runtime
