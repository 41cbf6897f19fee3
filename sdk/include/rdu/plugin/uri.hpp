// A device URI taken apart: plugin:path?key=value&…
#pragma once

#include <algorithm>
#include <charconv>
#include <cstdint>
#include <rdu/plugin/status.hpp>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace rdu::plugin {

// Options follow the last '?', so that an inner URI in the path keeps its own. Keys and values are percent-decoded.
struct Uri {
  std::string scheme;
  std::string path;
  std::vector<std::pair<std::string, std::string>> options;
};

inline Result<std::string> percent_decode(std::string_view text) {
  std::string decoded;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] != '%') {
      decoded += text[i];
      continue;
    }
    unsigned char byte = 0;
    const std::string_view digits = text.substr(i + 1, 2);
    const auto parsed = std::from_chars(digits.data(), digits.data() + digits.size(), byte, 16);
    if (digits.size() != 2 || parsed.ptr != digits.data() + 2) {
      return fail(RDU_ERR_INVALID_ARGUMENT, "'", text, "': '%' needs two hexadecimal digits");
    }
    decoded += static_cast<char>(byte);
    i += 2;
  }
  return decoded;
}

inline Result<Uri> parse_uri(std::string_view text) {
  const std::size_t colon = text.find(':');
  if (colon == std::string_view::npos || colon == 0) {
    return fail(RDU_ERR_INVALID_ARGUMENT, "device URI '", text,
                "' is not of the form plugin:path?key=value");
  }
  Uri uri{std::string(text.substr(0, colon)), {}, {}};
  std::string_view rest = text.substr(colon + 1);
  const std::size_t question = rest.rfind('?');
  uri.path = rest.substr(0, question);
  if (question == std::string_view::npos) return uri;

  rest.remove_prefix(question + 1);
  while (!rest.empty()) {
    const std::string_view option = rest.substr(0, rest.find('&'));
    rest.remove_prefix(std::min(rest.size(), option.size() + 1));
    const std::size_t equals = option.find('=');
    if (equals == std::string_view::npos || equals == 0) {
      return fail(RDU_ERR_INVALID_ARGUMENT, "option '", option, "' of device URI '", text,
                  "' is not key=value");
    }
    Result<std::string> key = percent_decode(option.substr(0, equals));
    if (!key.ok()) return key.status();
    Result<std::string> value = percent_decode(option.substr(equals + 1));
    if (!value.ok()) return value.status();
    uri.options.emplace_back(std::move(*key), std::move(*value));
  }
  return uri;
}

// The value of option `key` as an integer of [low, high].
inline Result<std::int64_t> option_integer(std::string_view key, std::string_view value,
                                           std::int64_t low, std::int64_t high) {
  std::int64_t number = 0;
  const auto parsed = std::from_chars(value.data(), value.data() + value.size(), number);
  if (value.empty() || parsed.ec != std::errc() || parsed.ptr != value.data() + value.size() ||
      number < low || number > high) {
    return fail(RDU_ERR_INVALID_ARGUMENT, "option ", key, "=", value, ": expected an integer from ",
                low, " to ", high);
  }
  return number;
}

inline Status unknown_option(const Uri& uri, std::string_view key) {
  return fail(RDU_ERR_INVALID_ARGUMENT, "device '", uri.scheme, "' has no option '", key, "'");
}

}  // namespace rdu::plugin
