// Z85 (ZeroMQ RFC 32): 4 bytes as 5 printable characters.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace rdu::remote {

// bytes.size() must be a multiple of 4.
std::string z85_encode(std::span<const std::uint8_t> bytes);
std::optional<std::vector<std::uint8_t>> z85_decode(std::string_view text);

}  // namespace rdu::remote
