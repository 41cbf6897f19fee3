// A peer for as long as its device is open: connected, lost and connected again, with what is loaded there.
#pragma once

#include <atomic>
#include <map>
#include <mutex>
#include <random>
#include <set>
#include <thread>

#include "plugins/remote/client/connection.hpp"
#include "plugins/remote/client/program.hpp"
#include "plugins/remote/client/shared_pool.hpp"

namespace rdu::remote::client {

// A connection that is up, and a program loaded behind it.
struct Route {
  std::shared_ptr<Connection> connection;
  std::shared_ptr<const LoadedProgram> program;
  std::shared_ptr<SharedPool> pool;  // NULL: tensors travel in frames
};

class Peer {
 public:
  struct Callbacks {
    std::function<void()>
        changed;  // connected, lost, or a program more: without locks, on the peer's thread
    std::function<void()> tick;  // now and then, likewise
    std::function<void(std::uint32_t level, const std::string&)> log;
  };

  Peer(const Connection::Config& config, Callbacks callbacks);
  // Starts its thread.
  void begin();
  ~Peer();
  Peer(const Peer&) = delete;
  Peer& operator=(const Peer&) = delete;

  const PeerAddress& address() const { return config_.peer; }
  std::shared_ptr<Connection> connection() const;
  // Connected at some time, or a first attempt that failed; in the latter case `problem` says how.
  bool is_settled() const;
  plugin::Status problem() const;

  // Blocks until connected.
  plugin::Result<std::shared_ptr<Connection>> wait_connected(Clock::time_point until) const;

  // Verdicts for all sections of a variant; ships the artifact if the peer does not have it.
  plugin::Result<Checked> check(const Shipment& shipment, std::uint32_t signature,
                                std::uint32_t variant, Clock::time_point until);

  // Loads now, on this thread; and again over each new connection, until `forget`.
  plugin::Status load(const Program& program, const rdu_load& load, Clock::time_point until);
  // Loads when the peer's thread comes to it.
  void load_later(const Program& program, const rdu_load& load);
  void forget(const Program& program);
  // Nothing where the peer is away or has not loaded it.
  std::optional<Route> route(const Program& program) const;
  std::shared_ptr<const LoadedProgram> wait_loaded(const Program& program,
                                                   Clock::time_point until) const;

  // A request with an effect: repeated with its key over new connections until it is answered.
  // `header` is given the program's number there.
  using MakeHeader = std::function<std::span<const std::byte>(Encoder&, std::uint64_t program)>;
  plugin::Result<Reply> request_effect(MessageType type, const Program& program,
                                       const MakeHeader& header, std::span<const std::byte> payload,
                                       Clock::time_point until);
  EffectKey next_effect();

  // What is under way here: peers are chosen by it.
  void begin_run(std::uint64_t bytes);
  void end_run(std::uint64_t bytes, std::optional<std::chrono::nanoseconds> took);
  double cost() const;

 private:
  struct Wanted {
    const Program* program;
    rdu_load load;
    std::shared_ptr<const LoadedProgram> loaded;
    std::uint64_t connection = 0;  // the serial of that it was loaded, or refused, over
  };

  void run();
  void keep(const std::shared_ptr<Connection>& connection);
  std::chrono::milliseconds back_off();
  std::shared_ptr<SharedPool> share_memory(Connection& connection);
  plugin::Status load_wanted(const std::shared_ptr<Connection>& connection);
  plugin::Status ship(Connection& connection, const Shipment& shipment, Clock::time_point until);
  std::optional<Wanted> next_wanted(const Connection& connection) const;
  plugin::Status load_at(Connection& connection, Wanted wanted, Clock::time_point until);

  Connection::Config config_;
  Callbacks callbacks_;
  mutable std::mutex mutex_;
  mutable std::condition_variable changed_;
  std::shared_ptr<Connection> connection_;
  std::shared_ptr<SharedPool> pool_;  // of this connection
  std::map<const Program*, Wanted> wanted_;
  std::set<Hash> shipped_;         // over this connection
  std::mutex loading_, shipping_;  // taken in this order, before mutex_
  bool settled_ = false;
  const std::shared_ptr<std::atomic<bool>> stopping_ = std::make_shared<std::atomic<bool>>(false);
  plugin::Status problem_;
  int failures_ = 0;
  std::minstd_rand random_;
  std::atomic<std::uint64_t> sequence_ = 0;
  std::atomic<std::uint64_t> runs_ = 0, bytes_ = 0;
  std::atomic<double> latency_ns_ = 1e6;
  std::thread thread_;
};

}  // namespace rdu::remote::client
