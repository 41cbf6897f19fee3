// One run, from submit until its memory is the caller's again, over as many attempts and peers as it takes.
#pragma once

#include <rdu/plugin.h>

#include <atomic>
#include <condition_variable>
#include <mutex>
#include <optional>

#include "plugins/remote/client/call.hpp"
#include "plugins/remote/client/peer.hpp"

namespace rdu::remote::client {

class Fleet;
class SharedBlock;

// Where a state is kept: runs with it go nowhere else. `unknown` is set when a run with it ended without an answer.
struct StateAt {
  Peer* peer = nullptr;
  std::uint64_t id = 0;
  std::atomic<bool>* unknown = nullptr;
};

class Run : public Call, public std::enable_shared_from_this<Run> {
 public:
  Run(Fleet& fleet, const Program& program, const rdu_submission& submission,
      std::optional<StateAt> state);
  ~Run() override;

  // Takes the first road; called once, after construction.
  void begin();
  // Sends to a peer that is ready, or goes to wait for one. Called by the fleet for those that wait.
  void attempt();
  // From any thread. A run without a state ends at once, whatever its peer does; one with a state when its peer has said how.
  void cancel();

  // Nothing while it is under way.
  std::optional<plugin::Status> wait(std::uint64_t timeout_ns);
  // `fn` once, from any thread; at once where it has ended.
  void on_complete(rdu_event_fn fn, void* user);

  // For the fleet.
  Clock::time_point not_before() const { return not_before_; }
  Clock::time_point gives_up() const { return gives_up_; }
  bool is_pinned_to(const Peer& peer) const { return state_ && state_->peer == &peer; }
  const Program& program() const { return program_; }
  const rdu_submission& submission() const { return submission_; }
  bool is_done() const { return done_.load(std::memory_order_acquire); }
  bool has_state() const { return state_.has_value(); }
  // What the caller lent, until the run has ended.
  const std::vector<rdu_binding>& bindings() const { return bindings_; }
  // Late: ends here, without its answer. Ended, but without its memory: gets it back from a peer that does not read.
  void end_if_overdue(Clock::time_point now);
  void complete(plugin::Status status);

  void ended(const plugin::Status& lost, Reply* reply) override;

 private:
  bool send_over(Peer& peer, const Route& route);
  bool encode(const Route& route, remote::Run& message, std::vector<Frame>& frames);
  // NULL: the host bound nothing there.
  const rdu_binding* binding_of(std::uint32_t value) const;
  plugin::Status take_result(const Reply& reply);
  void after_error(const plugin::Status& status, std::uint32_t retry_after_ms);
  bool may_repeat(const plugin::Status& why) const;
  void leave_peer(bool answered);
  void stop_at(Connection& connection, const plugin::Status& why);
  void trace(const RunResult& result) const;
  void release_one();
  static void release(void*, void* owner);
  plugin::Status check_stop(Clock::time_point now) const;

  Fleet& fleet_;
  const Program& program_;
  std::vector<rdu_binding> bindings_;
  rdu_submission submission_;
  std::optional<StateAt> state_;
  EffectKey key_;
  Clock::time_point deadline_;  // max: none
  Clock::time_point gives_up_;
  Clock::time_point not_before_;
  int attempts_ = 0;

  // Of the attempt that is under way.
  Peer* peer_ = nullptr;
  std::shared_ptr<const LoadedProgram> loaded_;
  std::unique_ptr<SharedBlock> shared_;
  std::uint64_t share_above_ = 0;  // bytes: smaller tensors travel in frames
  std::uint64_t bytes_ = 0;
  Clock::time_point sent_;

  mutable std::mutex mutex_;
  std::condition_variable changed_;
  std::shared_ptr<Connection> connection_;  // where it is under way
  std::shared_ptr<Connection> unsent_on_;   // where it was last: frames may wait there
  std::shared_ptr<Run> self_;   // until it has ended and ZeroMQ has given all memory back
  std::atomic<int> holds_ = 1;  // borrowed frames, and the run itself until it is complete
  std::atomic<bool> unanswered_ = false;  // a peer may have done it
  std::atomic<bool> cancelled_ = false;
  std::atomic<bool> completed_ = false;
  std::atomic<const Connection*> attached_ = nullptr;
  std::atomic<bool> done_ = false;
  std::optional<Clock::time_point> overdue_;
  plugin::Status status_;
  rdu_event_fn callback_ = nullptr;
  void* user_ = nullptr;
};

}  // namespace rdu::remote::client
