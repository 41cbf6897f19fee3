// Memory that clients of this host ask the peer to share: who gets how much of it, and when it goes.
#pragma once

#include <string>
#include <unordered_map>
#include <vector>

#include "plugins/remote/node/roads.hpp"
#include "plugins/remote/node/services.hpp"

namespace rdu::remote::node {

// What each user has of something, over all connections.
class Account {
 public:
  explicit Account(std::uint64_t most) : most_(most) {}

  // An entry that is crossed out as it goes, which may be after the account has gone. Nothing: it would be too much.
  std::shared_ptr<void> book(const std::string& user, std::uint64_t bytes);
  std::uint64_t most() const { return most_; }

 private:
  using Entries = std::unordered_map<std::string, std::uint64_t>;

  std::uint64_t most_;  // of one user
  std::shared_ptr<Entries> used_ = std::make_shared<Entries>();
};

class MemoryDesk {
 public:
  MemoryDesk(Services& services, Roads& roads)
      : services_(services), roads_(roads), account_(services.options.shared_bytes) {}

  // `local`: it came from this host.
  void share(const Request& request, bool local);
  // The connection has none any more; runs in it go on.
  void drop(Connection& connection);
  // Gives back what no run is in any more.
  void release();

 private:
  Result<SharedMemory> make(const ConnectionPtr& connection, std::uint64_t bytes);

  Services& services_;
  Roads& roads_;
  Account account_;
  std::vector<std::shared_ptr<SharedMapping>> dropped_;  // of no connection, perhaps still of runs
};

}  // namespace rdu::remote::node
