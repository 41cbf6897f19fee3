// Key files and an allow-list in a folder of its own.
#include "tests/plugins/remote/node/locked_node.hpp"

#include <cstdio>
#include <fstream>
#include <stdexcept>

namespace rdu::remote::testing {

LockedNode::LockedNode(const Roles& roles) {
  if (!write_key_file(scratch / "node.key", server).ok()) throw std::runtime_error("no key file");
  allow(roles);
  node.emplace(NodeProcessOptions{
      .program = {},
      .data = scratch / "node",
      .arguments = {"--key", scratch / "node.key", "--allow", scratch / "clients"}});
}

void LockedNode::allow(const Roles& roles) {
  std::ofstream list(scratch / "clients");
  for (const auto& [name, may] : roles) {
    if (!clients.contains(name)) {
      const KeyPair& keys = clients.emplace(name, generate_keys()).first->second;
      if (!write_key_file(scratch / (name + ".key"), keys).ok()) {
        throw std::runtime_error("no key file");
      }
    }
    list << clients.at(name).public_key << ' ' << name << ' ' << may << '\n';
  }
}

std::string LockedNode::device(const std::string& name) const {
  std::string key;
  for (const char c : server.public_key) {
    char text[4];
    std::snprintf(text, sizeof text, "%%%02X", static_cast<unsigned char>(c));
    key += text;
  }
  return node->device() + "?server_key=" + key + "&key_file=" + scratch / (name + ".key");
}

}  // namespace rdu::remote::testing
