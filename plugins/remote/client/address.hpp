// What a URI of this plugin asks for: peers with the device of each, and how to reach them.
#pragma once

#include <cstdint>
#include <optional>
#include <rdu/plugin/status.hpp>
#include <rdu/plugin/uri.hpp>
#include <string>
#include <string_view>
#include <vector>

#include "plugins/remote/wire/keys.hpp"

namespace rdu::remote::client {

struct PeerAddress {
  std::string endpoint;    // "tcp://host:port", "ipc://path"
  std::string device;      // "cpu:", "cpu:?threads=2": a URI of the peer's
  std::string server_key;  // Z85; empty: no CURVE
};

struct Address {
  std::vector<PeerAddress> peers;
  std::optional<KeyPair> keys;        // ours; made anew for each process where no file is named
  std::string fallback;               // a device of this machine, or empty
  std::uint32_t timeout_ms = 10'000;  // how long a call waits for a peer that is gone
  std::uint32_t liveness_ms =
      10'000;                   // silence that makes a peer with work under way count as gone
  std::uint32_t spin_us = 400;  // a reply is looked for before the thread that waits falls asleep
  bool shared_memory = true;
};

// One for each server_key: the first belongs to the first peer; a single one belongs to all.
plugin::Result<Address> read_address(const plugin::Uri& uri);

// "tcp://host:port/device" without the options of ours.
plugin::Result<PeerAddress> read_peer(std::string_view text);

bool is_local(std::string_view endpoint);

}  // namespace rdu::remote::client
