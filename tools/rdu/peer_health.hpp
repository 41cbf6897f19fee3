// What a peer says of itself on its health page.
#pragma once

#include <cstdint>
#include <nlohmann/json.hpp>
#include <string>

namespace rdu::tool {

// "7071", "127.0.0.1:7071" or "http://127.0.0.1:7071/": a peer shows its health on loopback only. Throws ToolError.
std::uint16_t health_port(std::string node);

// The page /status of the peer at this port, or why there is none.
struct PeerHealth {
  nlohmann::json status;
  std::string trouble;
};
PeerHealth read_health(std::uint16_t port);

}  // namespace rdu::tool
