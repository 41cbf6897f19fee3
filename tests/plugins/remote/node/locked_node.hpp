// A peer with keys, and clients with roles.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "plugins/remote/wire/keys.hpp"
#include "tests/plugins/remote/node/node_process.hpp"
#include "tests/plugins/remote/node/scratch.hpp"

namespace rdu::remote::testing {

struct LockedNode {
  using Roles = std::vector<std::pair<std::string, std::string>>;  // by name

  explicit LockedNode(const Roles& roles = {{"alice", "run,upload"}});
  // Writes the list of clients anew, with keys for new ones; the peer reads it when it begins and at SIGHUP.
  void allow(const Roles& roles);
  // The device URI with which `name` comes.
  std::string device(const std::string& name) const;

  Scratch scratch;
  KeyPair server = generate_keys();
  std::map<std::string, KeyPair> clients;
  std::optional<NodeProcess> node;
};

}  // namespace rdu::remote::testing
