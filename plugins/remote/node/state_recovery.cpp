// How a state gets into a worker again: its program, its snapshot, then every effect since, in order.
#include <dirent.h>
#include <unistd.h>

#include <charconv>

#include "plugins/remote/node/clock.hpp"
#include "plugins/remote/node/state_desk.hpp"

namespace rdu::remote::node {

// A recovery under way.
struct StateDesk::Replay {
  StatePtr state;
  StateLog::Contents contents;
  std::size_t next = 0;  // effect
  ProgramPtr program;    // of the effect that is repeated
};

Status StateDesk::open() {
  RDU_NODE_TRY(make_private_folder(folder_));
  const std::unique_ptr<DIR, int (*)(DIR*)> stream(::opendir(folder_.c_str()), ::closedir);
  if (!stream) return system_error("cannot list", folder_);
  std::vector<std::string> logs;
  while (const dirent* entry = ::readdir(stream.get())) {
    if (const std::string name = entry->d_name; name.ends_with(".log"))
      logs.push_back(folder_ + "/" + name);
  }
  for (const std::string& path : logs) adopt(path);
  return {};
}

// What cannot be read, or is for a device that is not offered any more, stays on disk and is nobody's state.
void StateDesk::adopt(const std::string& path) {
  Result<StateLog::Contents> contents = StateLog::read(path);
  if (!contents.ok()) return;
  auto state = std::make_shared<StateRecord>();
  state->origin = contents->base.origin;
  state->snapshot = contents->base.snapshot;
  state->lane = services_.find_lane(state->origin.device);
  state->created = true;
  state->last_use_ns = now_ns();
  if (state->lane == nullptr || log_path(state->origin.state) != path) return;
  created_[{state->origin.session, state->origin.create_sequence}] = state;
  states_[state->origin.state] = std::move(state);
}

std::string StateDesk::log_path(std::uint64_t state) const {
  return concat(folder_, "/", state, ".log");
}

std::string StateDesk::snapshot_path(std::uint64_t state, std::uint64_t number) const {
  return concat(folder_, "/", state, ".", number, ".variables");
}

void StateDesk::with_live(const StatePtr& state, std::function<void(Status)> then) {
  state->last_use_ns = now_ns();
  if (!state->moving && state->live_life != 0 && state->live_life == state->lane->life())
    return then({});
  state->waiters.push_back(std::move(then));
  // An effect that is under way ends first: its worker is gone, or it is still being written down.
  if (!state->moving) recover(state);
}

void StateDesk::settle(const StatePtr& state, const Status& status) {
  state->moving = false;
  for (auto& waiter : std::exchange(state->waiters, {})) waiter(status);
}

void StateDesk::recover(const StatePtr& state) {
  state->moving = true;
  ++num_recoveries_;
  services_.background.post([this, state]() -> Background::Finish {
    auto read =
        std::make_shared<Result<StateLog::Contents>>(StateLog::read(log_path(state->origin.state)));
    return [this, state, read] {
      if (!read->ok()) return settle(state, read->status());
      auto replay = std::make_shared<Replay>();
      replay->state = state;
      replay->contents = std::move(**read);
      Result<StateLog> log = StateLog::resume(log_path(state->origin.state), replay->contents,
                                              services_.options.durability);
      if (!log.ok()) return settle(state, log.status());
      state->log.emplace(std::move(*log));
      state->last = replay->contents.base.last;
      state->snapshot = replay->contents.base.snapshot;
      programs_.acquire(*state->lane, state->origin.program,
                        [this, replay](const Result<ProgramPtr>& home) {
                          if (!home.ok()) return settle(replay->state, home.status());
                          if (replay->state->home)
                            programs_.release(*replay->state->lane, replay->state->home);
                          replay->state->home = *home;
                          restore(replay);
                        });
    };
  });
}

// The variables of the snapshot, or the initial values.
void StateDesk::restore(const std::shared_ptr<Replay>& replay) {
  const StatePtr& state = replay->state;
  auto job = std::make_shared<Job>();
  job->arrival_ns = now_ns();
  job->program = state->home;
  const WorkHead head{
      .op = Op::kStateCreate, .program = state->home->number, .state = state->origin.state};
  job->prepare = [head](WorkerProcess& worker) { return make_work(worker, head, {}, 4096); };
  job->done = [this, replay](const Completion& completion) {
    if (!completion.status.ok()) return settle(replay->state, completion.status);
    if (replay->state->snapshot == 0) return this->replay(replay);
    auto load = std::make_shared<Job>();
    load->arrival_ns = now_ns();
    const std::string path = snapshot_path(replay->state->origin.state, replay->state->snapshot);
    load->prepare = [state = replay->state->origin.state, path](WorkerProcess& worker) {
      return make_work(worker, {.op = Op::kStateRestore, .state = state},
                       std::as_bytes(std::span(path)), 4096);
    };
    load->done = [this, replay](const Completion& restored) {
      if (!restored.status.ok()) return settle(replay->state, restored.status);
      this->replay(replay);
    };
    replay->state->lane->submit_first(std::move(load));
  };
  state->lane->submit_first(std::move(job));
}

// One effect after the other; the outputs of the last are the answer that may be asked for again.
void StateDesk::replay(const std::shared_ptr<Replay>& replay) {
  const StatePtr& state = replay->state;
  if (replay->next == replay->contents.effects.size()) {
    state->live_life = state->lane->life();
    return settle(state, {});
  }
  const Effect& effect = replay->contents.effects[replay->next];
  if (effect.op != Op::kRun) {
    replay->program.reset();
    return replay_one(replay);
  }
  programs_.acquire(*state->lane, effect.program,
                    [this, replay](const Result<ProgramPtr>& program) {
                      if (!program.ok()) return settle(replay->state, program.status());
                      replay->program = *program;
                      replay_one(replay);
                    });
}

void StateDesk::replay_one(const std::shared_ptr<Replay>& replay) {
  auto job = std::make_shared<Job>();
  job->arrival_ns = now_ns();
  job->program = replay->program;
  job->prepare = [replay](WorkerProcess& worker) -> Result<SegmentLease> {
    const Effect& effect = replay->contents.effects[replay->next];
    WorkHead head{
        .op = effect.op, .state = replay->state->origin.state, .variable = effect.variable};
    if (effect.op != Op::kRun) return prepare_call(worker, head, effect.inputs);
    head.program = replay->program->number;
    return prepare_plain(worker, head, {effect.inputs, &replay->program->ports});
  };
  job->done = [this, replay](const Completion& completion) {
    const StatePtr& state = replay->state;
    const Effect& effect = replay->contents.effects[replay->next];
    const ProgramPtr program = std::exchange(replay->program, nullptr);
    if (completion.status.ok()) {
      state->last = {effect.sequence, effect.payload, {}};
      if (program) state->last.outputs = plain_outputs(completion, program->ports);
      ++replay->next;
    }
    if (program) programs_.release(*state->lane, program);
    if (!completion.status.ok()) return settle(state, completion.status);
    this->replay(replay);
  };
  replay->state->lane->submit_first(std::move(job));
}

void StateDesk::snapshot_if_due(const StatePtr& state) {
  const NodeOptions& options = services_.options;
  if (state->log->num_effects() < options.snapshot_steps &&
      state->log->bytes() < options.snapshot_bytes)
    return;
  state->moving = true;
  const std::uint64_t number = state->snapshot + 1;
  auto job = std::make_shared<Job>();
  job->arrival_ns = now_ns();
  const std::string path = snapshot_path(state->origin.state, number);
  job->prepare = [state, path](WorkerProcess& worker) {
    return make_work(worker, {.op = Op::kStateSave, .state = state->origin.state},
                     std::as_bytes(std::span(path)), 4096);
  };
  job->done = [this, state, number](const Completion& completion) {
    // The journal is complete without it: what fails here is tried again after the next effect.
    if (completion.status.ok()) {
      const StateBase base{state->origin, number, state->last};
      Result<StateLog> log =
          StateLog::begin(log_path(state->origin.state), base, services_.options.durability);
      if (log.ok()) {
        state->log.emplace(std::move(*log));
        ::unlink(
            snapshot_path(state->origin.state, std::exchange(state->snapshot, number)).c_str());
      }
    }
    if (state->live_life == state->lane->life()) return settle(state, {});
    recover(state);
  };
  state->lane->submit_first(std::move(job));
}

void StateDesk::expire(std::uint64_t now) {
  const std::uint64_t longest = services_.options.state_hours * 3600 * kSecond;
  std::vector<StatePtr> old;
  for (const auto& [number, state] : states_) {
    if (state->created && !state->moving && state->busy_sequence == 0 &&
        now - state->last_use_ns > longest) {
      old.push_back(state);
    }
  }
  for (const StatePtr& state : old) remove(state);
}

}  // namespace rdu::remote::node
