// Device URIs: `plugin:path?key=value&…`, for example `cpu:?threads=4` or `remote:tcp://host:7000/cpu:`.
//
// Options follow the last `?` and belong to the named plugin; a URI inside the path carries its own options
// percent-encoded (`%3F`), and so does a `,` that does not separate two devices of a list.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "sdk/base/result.hpp"

namespace rdu::base {

struct DeviceUri {
  std::string plugin;
  std::string path;                                          // decoded once
  std::vector<std::pair<std::string, std::string>> options;  // decoded, in order, keys unique

  std::optional<std::string_view> option(std::string_view key) const;
  bool operator==(const DeviceUri&) const = default;
};

Result<DeviceUri> parse_device_uri(std::string_view text);

// The shortest text that parses to `uri`.
std::string to_string(const DeviceUri& uri);

// Splits at each `,`; every entry must parse.
Result<std::vector<DeviceUri>> parse_device_list(std::string_view text);

Result<std::string> percent_decode(std::string_view text);

}  // namespace rdu::base
