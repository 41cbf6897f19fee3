// Peers as tables: what each is about, and what each of its devices has done since the last look.
#pragma once

#include <string>
#include <vector>

#include "tools/rdu/peer_health.hpp"

namespace rdu::tool {

// One peer at two moments, `seconds` apart.
struct PeerLook {
  std::string name;
  PeerHealth now, before;
  double seconds = 1;
};

std::string peer_tables(const std::vector<PeerLook>& peers);

}  // namespace rdu::tool
