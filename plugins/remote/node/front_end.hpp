// The process that clients talk to: one loop over sockets, workers and signals. It runs no plugin and opens no artifact.
#pragma once

#include <unordered_map>

#include "plugins/remote/node/gate.hpp"
#include "plugins/remote/node/http.hpp"
#include "plugins/remote/node/memory_desk.hpp"
#include "plugins/remote/node/run_desk.hpp"
#include "plugins/remote/node/state_desk.hpp"
#include "plugins/remote/wire/alertness.hpp"

namespace rdu::remote::node {

// What outlives a front end: who the peer is, and how often it has begun.
struct PeerIdentity {
  Hash peer{};
  std::uint64_t epoch = 0;
};

struct FrontCounters {
  std::uint64_t received = 0, received_bytes = 0, malformed = 0, unauthorised = 0, overloaded = 0;
};

class FrontEnd {
 public:
  FrontEnd(const NodeOptions& options, const PeerIdentity& identity, const WorkerCommand& worker,
           Store store);

  // Opens the door, says where, and serves until it is drained.
  Status run();

 private:
  Status open();
  Status bind_all();
  void announce() const;

  // loop
  Status turn();
  void collect_items();
  bool readable(int fd) const;
  bool take_messages();
  bool work();
  void look();
  void heed_signals();
  void keep_house(std::uint64_t now);
  bool drained() const;

  // messages
  void take(std::size_t router, std::vector<Frame>& frames);
  ConnectionPtr recognise(std::size_t router, const Frame& identity, const Frame& message);
  bool take_roads();
  void take_by_road(const ConnectionPtr& from, const Result<Incoming>& incoming);
  std::optional<Client> client_of(std::size_t router, const std::string& user) const;
  void handle(const ConnectionPtr& from, const Incoming& incoming, bool by_road);
  void judge(const ConnectionPtr& from, const Incoming& incoming, bool by_road);
  Status admit(const Connection& from, MessageType type, std::uint64_t bytes,
               std::uint32_t& retry_ms);
  void dispatch(const Request& request);
  void hello(const ConnectionPtr& from, const Incoming& incoming);
  Welcome welcome(const Hello& hello) const;
  void forget(const ConnectionPtr& connection);

  // reports
  Page page(const std::string& path);
  bool ready() const;
  void sing();
  std::string status_json() const;
  std::string metrics_text() const;

  const NodeOptions& options_;
  PeerIdentity identity_;
  LinkOptions link_options_;
  std::shared_ptr<Context> context_;
  Gate gate_;
  std::vector<Router> routers_;
  std::vector<std::string> endpoints_;
  std::vector<Descriptor> locks_;  // of ipc endpoints
  HttpServer http_;
  Descriptor signals_;

  Store store_;
  std::vector<std::unique_ptr<Lane>> lanes_;
  Background background_;
  Outbox outbox_;
  Services services_;
  ProgramDesk programs_;
  RunDesk runs_;
  StateDesk states_;
  Roads roads_;
  MemoryDesk memory_;

  std::unordered_map<std::string, ConnectionPtr> connections_;  // by router and identity
  AlignedHeader header_;
  std::vector<Frame> frames_;
  std::vector<PollItem> items_;
  Alertness alertness_;
  std::size_t first_http_item_ = 0;
  FrontCounters counters_;
  std::vector<std::uint64_t> canary_ns_;  // by lane: when it was last heard to sing
  std::uint64_t started_ns_ = 0;
  std::uint64_t last_house_ns_ = 0, last_song_ns_ = 0, last_expiry_ns_ = 0;
  std::uint64_t drain_until_ns_ = 0;  // 0: not draining
};

}  // namespace rdu::remote::node
