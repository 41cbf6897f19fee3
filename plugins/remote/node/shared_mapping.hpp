// Memory that a client of this host shares with the peer, as workers know it.
#pragma once

#include <map>

#include "plugins/remote/node/lane.hpp"
#include "plugins/remote/wire/road.hpp"

namespace rdu::remote::node {

// The front end itself never touches tensors in it; a worker maps it when the first run needs it.
struct SharedMapping {
  std::shared_ptr<void> entry;  // in the account of its user
  std::shared_ptr<const SharedRegion> region;
  std::uint64_t end = 0;       // of where tensors may lie
  std::unique_ptr<Road> road;  // NULL: the client knows of none
  struct Known {
    pid_t process = 0;
    std::uint32_t number = 0;
  };
  std::map<const WorkerProcess*, Known> known;

  bool holds(std::uint64_t offset, std::uint64_t bytes) const {
    return offset >= SharedRegion::kFirstOffset && offset <= end && bytes <= end - offset;
  }
};

}  // namespace rdu::remote::node
