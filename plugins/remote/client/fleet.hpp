// The peers of one device, which of them a run goes to, and the runs that wait for one.
#pragma once

#include <rdu/plugin.h>

#include <deque>
#include <memory>
#include <mutex>
#include <vector>

#include "plugins/remote/client/address.hpp"
#include "plugins/remote/client/peer.hpp"
#include "plugins/remote/client/run.hpp"

namespace rdu::remote::client {

class Fallback;

class Fleet {
 public:
  // Blocks until one peer is there, or all have failed; a fallback makes do without.
  static plugin::Result<std::unique_ptr<Fleet>> open(const rdu_host_api* host,
                                                     const Address& address);
  explicit Fleet(const rdu_host_api* host, const Address& address);
  ~Fleet();

  const rdu_host_api* host() const { return host_; }
  const Address& address() const { return address_; }
  const std::vector<std::unique_ptr<Peer>>& peers() const { return peers_; }
  Fallback* fallback() const { return fallback_.get(); }
  Clock::time_point patience() const;

  // The peer where a run of this program is likely to be done first; NULL: none is ready.
  Peer* choose(const Program& program, std::optional<Route>& out_route) const;
  // One that is connected, for what needs any.
  plugin::Result<Peer*> wait_any(Clock::time_point until) const;

  // No peer is connected, and each has failed at least once since.
  bool all_away() const;
  plugin::Status nobody_there() const;
  // A status that a callback was given.
  void free_status(rdu_status* status) const;

  // The run is tried again when a peer is ready.
  void wait_for_peer(std::shared_ptr<Run> run);
  // It will be looked after when it is late or cancelled.
  void watch(std::weak_ptr<Run> run);
  // False: it does not wait here any more.
  bool stop_waiting(const Run& run);

 private:
  void retry();
  void look_after();
  plugin::Status settle();
  std::string problems() const;
  std::vector<std::shared_ptr<Run>> take_due(Clock::time_point now);

  const rdu_host_api* host_;
  Address address_;
  std::shared_ptr<Context> context_;
  std::unique_ptr<Fallback> fallback_;
  mutable std::mutex mutex_;
  mutable std::condition_variable settled_;
  std::vector<std::shared_ptr<Run>> waiting_;
  std::vector<std::weak_ptr<Run>> watched_;
  std::vector<std::unique_ptr<Peer>> peers_;  // last: their threads use all of the above
};

}  // namespace rdu::remote::client
