// States of clients: each lives in a worker, and in a journal from which any worker can make it again, bit for bit.
#pragma once

#include <map>
#include <memory>

#include "plugins/remote/node/program_desk.hpp"
#include "plugins/remote/node/run_work.hpp"
#include "plugins/remote/node/state_log.hpp"

namespace rdu::remote::node {

struct StateRecord {
  StateOrigin origin;
  Lane* lane = nullptr;
  ProgramPtr home;  // the one it was made for, held while a worker has the state
  std::uint64_t snapshot = 0;
  std::optional<StateLog> log;
  LastEffect last;
  std::uint64_t live_life = 0;  // of the worker that has it as the journal says; 0: none
  std::uint64_t last_use_ns = 0;
  bool created = false;  // its journal has begun
  bool moving = false;   // is being recovered or saved: what comes waits
  std::vector<std::function<void(Status)>> waiters;
  // The effect that is under way.
  std::uint64_t busy_sequence = 0;
  Hash busy_payload{};
  RequestRef busy_for;  // the last who asked for it
};
using StatePtr = std::shared_ptr<StateRecord>;

class StateDesk {
 public:
  StateDesk(Services& services, ProgramDesk& programs, std::string folder)
      : services_(services), programs_(programs), folder_(std::move(folder)) {}

  // Reads the journals that an earlier life of the peer left.
  Status open();

  void create(const Request& request);
  void run(const Request& request, const Run& run);
  void call(const Request& request);
  // Drops states that nobody has used for long.
  void expire(std::uint64_t now);

  std::size_t num_states() const { return states_.size(); }
  std::uint64_t num_recoveries() const { return num_recoveries_; }
  std::uint64_t num_repeats() const { return num_repeats_; }

 private:
  // An effect on its way through the worker into the journal.
  struct Step {
    StatePtr state;
    RequestRef to;
    Effect effect;
    std::shared_ptr<RunWork> work;  // of a run
    ProgramPtr program;
    std::uint64_t deadline_ns = 0;
    std::uint64_t arrival_ns = 0;
    int attempts = 0;
  };
  using StepPtr = std::shared_ptr<Step>;
  struct Replay;

  std::string log_path(std::uint64_t state) const;
  std::string snapshot_path(std::uint64_t state, std::uint64_t number) const;
  void adopt(const std::string& path);
  Result<StatePtr> find(const Connection& client, std::uint64_t number) const;

  void with_live(const StatePtr& state, std::function<void(Status)> then);
  void recover(const StatePtr& state);
  void restore(const std::shared_ptr<Replay>& replay);
  void replay(const std::shared_ptr<Replay>& replay);
  void replay_one(const std::shared_ptr<Replay>& replay);
  void settle(const StatePtr& state, const Status& status);

  void begin_step(const StepPtr& step);
  void submit_step(const StepPtr& step);
  void make_job(const StepPtr& step);
  bool try_again(const StepPtr& step);
  void end_step(const StepPtr& step, Completion completion);
  void answer(const StepPtr& step, const RequestRef& to, const Completion& completion);
  void repeat(const RequestRef& to, const StateRecord& state, Op op);
  void snapshot_if_due(const StatePtr& state);

  void finish_make(const StatePtr& state, Status status);
  void save_copy(const StatePtr& copy);
  bool may_create(const RequestRef& to, const EffectKey& key);
  void clone(const RequestRef& to, const StatePtr& original, const EffectKey& key);
  void destroy(const RequestRef& to, const StateCall& call);
  void read(const RequestRef& to, const StatePtr& state, const StateCall& call);
  void remove(const StatePtr& state);
  StatePtr enter(const Connection& client, Lane& lane, const Selection& program,
                 const EffectKey& key);
  bool answered_before(const RequestRef& to, const EffectKey& key);

  Services& services_;
  ProgramDesk& programs_;
  std::string folder_;
  std::map<std::uint64_t, StatePtr> states_;
  std::map<std::pair<SessionId, std::uint64_t>, StatePtr> created_;  // by the key that made it
  std::uint64_t num_recoveries_ = 0, num_repeats_ = 0;
};

}  // namespace rdu::remote::node
