// Splits first and decodes after, so that an encoded delimiter is never taken for a delimiter.
#include "sdk/base/uri.hpp"

namespace rdu::base {
namespace {

bool is_name_character(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' ||
         c == '-' || c == '.';
}

bool is_name(std::string_view text) {
  if (text.empty()) return false;
  for (const char c : text) {
    if (!is_name_character(c)) return false;
  }
  return true;
}

int hex_digit(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return -1;
}

Error bad_uri(std::string_view uri, const char* why) {
  return fail(Code::kInvalidArgument, "device URI \"%.*s\": %s", static_cast<int>(uri.size()),
              uri.data(), why);
}

std::string percent_encode(std::string_view text, std::string_view reserved) {
  std::string encoded;
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    if (byte <= 0x20 || byte >= 0x7f || reserved.find(c) != std::string_view::npos) {
      encoded += format("%%%02X", byte);
    } else {
      encoded += c;
    }
  }
  return encoded;
}

Result<void> parse_option(std::string_view uri, std::string_view text, DeviceUri& result) {
  const std::size_t equals = text.find('=');
  const std::string_view key = text.substr(0, equals);
  if (!is_name(key)) return bad_uri(uri, "an option must look like key=value");
  if (equals == std::string_view::npos) return bad_uri(uri, "an option has no value");
  if (result.option(key)) return bad_uri(uri, "an option is given twice");
  RDU_ASSIGN(std::string value, percent_decode(text.substr(equals + 1)));
  result.options.emplace_back(key, std::move(value));
  return {};
}

}  // namespace

std::optional<std::string_view> DeviceUri::option(std::string_view key) const {
  for (const auto& [name, value] : options) {
    if (name == key) return value;
  }
  return std::nullopt;
}

Result<std::string> percent_decode(std::string_view text) {
  std::string decoded;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] != '%') {
      decoded += text[i];
      continue;
    }
    const int high = i + 2 < text.size() ? hex_digit(text[i + 1]) : -1;
    const int low = i + 2 < text.size() ? hex_digit(text[i + 2]) : -1;
    if (high < 0 || low < 0 || high + low == 0) {
      return fail(Code::kInvalidArgument, "\"%.*s\": %% must begin a non-zero byte in hexadecimal",
                  static_cast<int>(text.size()), text.data());
    }
    decoded += static_cast<char>(16 * high + low);
    i += 2;
  }
  return decoded;
}

Result<DeviceUri> parse_device_uri(std::string_view text) {
  if (text.find('\0') != std::string_view::npos) return bad_uri(text, "it contains a zero byte");
  const std::size_t colon = text.find(':');
  DeviceUri uri;
  uri.plugin = text.substr(0, colon);
  if (!is_name(uri.plugin)) return bad_uri(text, "it must begin with the name of a plugin");
  if (colon == std::string_view::npos) return bad_uri(text, "the plugin's name must end in ':'");

  std::string_view rest = text.substr(colon + 1);
  const std::size_t question = rest.rfind('?');
  RDU_ASSIGN(uri.path, percent_decode(rest.substr(0, question)));
  if (question == std::string_view::npos) return uri;

  rest.remove_prefix(question + 1);
  while (!rest.empty()) {
    const std::size_t end = rest.find('&');
    RDU_TRY(parse_option(text, rest.substr(0, end), uri));
    rest.remove_prefix(end == std::string_view::npos ? rest.size() : end + 1);
  }
  return uri;
}

std::string to_string(const DeviceUri& uri) {
  std::string text = uri.plugin + ":" + percent_encode(uri.path, "%?,");
  char separator = '?';
  for (const auto& [key, value] : uri.options) {
    text += separator + key + "=" + percent_encode(value, "%?,&");
    separator = '&';
  }
  return text;
}

Result<std::vector<DeviceUri>> parse_device_list(std::string_view text) {
  std::vector<DeviceUri> devices;
  for (;;) {
    const std::size_t comma = text.find(',');
    RDU_ASSIGN(DeviceUri uri, parse_device_uri(text.substr(0, comma)));
    devices.push_back(std::move(uri));
    if (comma == std::string_view::npos) return devices;
    text.remove_prefix(comma + 1);
  }
}

}  // namespace rdu::base
