// Addresses: which of them need keys, how a client writes them, and what guards those in the file system.
#pragma once

#include <string>
#include <vector>

#include "plugins/remote/node/file.hpp"

namespace rdu::remote::node {

// tcp:// on a loopback address, or ipc://: reachable from this host alone.
bool is_local(const std::string& endpoint);

// ZeroMQ shows IPv4 addresses as IPv6 ones: as everybody writes them.
std::string plain_endpoint(std::string endpoint);

// The endpoint as a client of this host, or of another where it is bound everywhere, can use it.
std::string connectable(const std::string& endpoint);

// For the value of a device URI's option.
std::string percent_encode(const std::string& text);

// The folder of the path must be this user's alone, and the lock beside it this process'.
Result<Descriptor> claim_ipc(const std::string& endpoint);

// For the next life of the front end, which shall be found where this one was.
Status write_endpoints(const std::string& folder, const std::vector<std::string>& endpoints,
                       std::uint16_t http_port);
struct LastEndpoints {
  std::vector<std::string> endpoints;
  std::uint16_t http_port = 0;
};
LastEndpoints read_endpoints(const std::string& folder);

}  // namespace rdu::remote::node
