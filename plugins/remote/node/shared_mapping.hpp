// Memory that a client of this host shares with the peer, as workers know it.
#pragma once

#include <map>

#include "plugins/remote/node/lane.hpp"
#include "plugins/remote/wire/shared_memory.hpp"

namespace rdu::remote::node {

// The front end itself never touches tensors in it; a worker maps it when the first run needs it.
struct SharedMapping {
  SharedRegion region;
  struct Known {
    pid_t process = 0;
    std::uint32_t number = 0;
  };
  std::map<const WorkerProcess*, Known> known;

  bool holds(std::uint64_t offset, std::uint64_t bytes) const {
    const std::uint64_t size = region.bytes().size();
    return offset >= SharedRegion::kFirstOffset && offset <= size && bytes <= size - offset;
  }
};

}  // namespace rdu::remote::node
