// Splits lists at ',', endpoints from devices at the first '/' behind the authority; keys come from options or environment.
#include "plugins/remote/client/address.hpp"

#include <algorithm>
#include <cstdlib>

namespace rdu::remote::client {
namespace {

using plugin::fail;
using plugin::Result;
using plugin::Status;

constexpr std::int64_t kLongestMs = 24 * 3600 * 1000;
constexpr std::int64_t kLongestSpinUs = 10'000;

std::vector<std::string> split(std::string_view text, char at) {
  std::vector<std::string> parts;
  for (;;) {
    const std::size_t end = text.find(at);
    parts.emplace_back(text.substr(0, end));
    if (end == std::string_view::npos) return parts;
    text.remove_prefix(end + 1);
  }
}

std::string from_environment(const char* name) {
  const char* value = secure_getenv(name);
  return value == nullptr ? std::string() : std::string(value);
}

struct Options {
  Address address;
  std::string server_key = from_environment("RDU_REMOTE_SERVER_KEY");
  std::string key_file = from_environment("RDU_REMOTE_KEY_FILE");
  bool plaintext = from_environment("RDU_REMOTE_UNENCRYPTED_AND_UNAUTHENTICATED") == "1";
};

Status read_flag(std::string_view key, std::string_view value, bool& out) {
  const auto number = plugin::option_integer(key, value, 0, 1);
  if (number.ok()) out = *number == 1;
  return number.status();
}

Status read_time(std::string_view key, std::string_view value, std::uint32_t& out) {
  const auto number = plugin::option_integer(key, value, 1, kLongestMs);
  if (number.ok()) out = static_cast<std::uint32_t>(*number);
  return number.status();
}

Status read_spin(std::string_view key, std::string_view value, std::uint32_t& out) {
  const auto number = plugin::option_integer(key, value, 0, kLongestSpinUs);
  if (number.ok()) out = static_cast<std::uint32_t>(*number);
  return number.status();
}

Status read_option(const plugin::Uri& uri, const std::string& key, const std::string& value,
                   Options& out) {
  if (key == "server_key") {
    out.server_key = value;
  } else if (key == "key_file") {
    out.key_file = value;
  } else if (key == "fallback") {
    out.address.fallback = value;
  } else if (key == "timeout_ms") {
    return read_time(key, value, out.address.timeout_ms);
  } else if (key == "liveness_ms") {
    return read_time(key, value, out.address.liveness_ms);
  } else if (key == "spin_us") {
    return read_spin(key, value, out.address.spin_us);
  } else if (key == "shared_memory") {
    return read_flag(key, value, out.address.shared_memory);
  } else if (key == "unencrypted_and_unauthenticated") {
    return read_flag(key, value, out.plaintext);
  } else {
    return plugin::unknown_option(uri, key);
  }
  return {};
}

Status read_keys(const Options& options, Address& out) {
  if (!options.server_key.empty()) {
    const std::vector<std::string> keys = split(options.server_key, ',');
    if (keys.size() != 1 && keys.size() != out.peers.size()) {
      return fail(RDU_ERR_INVALID_ARGUMENT, "option server_key has ", keys.size(), " keys for ",
                  out.peers.size(), " peers");
    }
    for (std::size_t i = 0; i < out.peers.size(); ++i) {
      Result<std::string> key = read_key(keys[keys.size() == 1 ? 0 : i]);
      if (!key.ok()) return key.status();
      out.peers[i].server_key = std::move(*key);
    }
  }
  if (!options.key_file.empty()) {
    Result<KeyPair> keys = read_key_file(options.key_file);
    if (!keys.ok()) return keys.status();
    out.keys = std::move(*keys);
  }
  return {};
}

Status check_plaintext(const Address& address, bool allowed) {
  for (const PeerAddress& peer : address.peers) {
    if (!peer.server_key.empty() || allowed || is_local(peer.endpoint)) continue;
    return fail(RDU_ERR_PERMISSION, "peer ", peer.endpoint,
                " is not this machine: give its server_key=, or say "
                "unencrypted_and_unauthenticated=1 where anybody may read and answer");
  }
  return {};
}

}  // namespace

bool is_local(std::string_view endpoint) {
  if (endpoint.starts_with("ipc://") || endpoint.starts_with("tcp://localhost:") ||
      endpoint.starts_with("tcp://[::1]:")) {
    return true;
  }
  // The loopback network, and not a name that begins like it.
  constexpr std::string_view kLoopback = "tcp://127.";
  if (!endpoint.starts_with(kLoopback)) return false;
  endpoint.remove_prefix(kLoopback.size());
  return endpoint.find_first_not_of("0123456789.:") == std::string_view::npos;
}

Result<PeerAddress> read_peer(std::string_view text) {
  const auto complain = [&](const char* what) {
    return fail(RDU_ERR_INVALID_ARGUMENT, "remote peer '", text, "': ", what,
                "; expected tcp://host:port/device:, as in remote:tcp://localhost:7070/cpu:");
  };
  const std::size_t authority = text.find("://");
  if (authority == std::string_view::npos) return complain("no transport");
  const std::string_view transport = text.substr(0, authority);
  if (transport != "tcp" && transport != "ipc") return complain("transport is not tcp or ipc");
  // A path of ipc has slashes of its own; the device is behind the last one.
  const std::size_t slash =
      transport == "tcp" ? text.find('/', authority + 3) : text.rfind('/', text.find('?'));
  if (slash == std::string_view::npos || slash < authority + 3) return complain("no device");
  Result<std::string> device = plugin::percent_decode(text.substr(slash + 1));
  if (!device.ok()) return device.status();
  if (device->empty()) return complain("no device");
  if (device->find(':') == std::string::npos) *device += ':';
  return PeerAddress{std::string(text.substr(0, slash)), std::move(*device), {}};
}

Result<Address> read_address(const plugin::Uri& uri) {
  Options options;
  for (const auto& [key, value] : uri.options) {
    if (Status status = read_option(uri, key, value, options); !status.ok()) return status;
  }
  Address& address = options.address;
  for (std::string entry : split(uri.path, ',')) {
    if (entry.starts_with("remote:")) entry.erase(0, std::string_view("remote:").size());
    Result<PeerAddress> peer = read_peer(entry);
    if (!peer.ok()) return peer.status();
    address.peers.push_back(std::move(*peer));
  }
  if (Status status = read_keys(options, address); !status.ok()) return status;
  if (Status status = check_plaintext(address, options.plaintext); !status.ok()) return status;
  return std::move(address);
}

}  // namespace rdu::remote::client
