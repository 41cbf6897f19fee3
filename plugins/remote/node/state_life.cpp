// How states begin and end: created, cloned, destroyed, each of them once, however often it is asked.
#include <unistd.h>

#include <algorithm>

#include "plugins/remote/node/clock.hpp"
#include "plugins/remote/node/state_desk.hpp"
#include "plugins/remote/wire/keys.hpp"

namespace rdu::remote::node {

namespace {

std::uint64_t random_number() {
  std::uint64_t number = 0;
  fill_random(std::as_writable_bytes(std::span(&number, 1)));
  return (number >> 1) | 1;
}

}  // namespace

// The same key as before: the same answer, once there is one.
bool StateDesk::answered_before(const RequestRef& to, const EffectKey& key) {
  const auto found = created_.find({to.from->session, key.sequence});
  if (found == created_.end()) return false;
  const StatePtr& state = found->second;
  if (state->origin.user != to.from->client.name) return false;
  ++num_repeats_;
  if (state->created) {
    services_.outbox.reply(to, MessageType::kStateCreated, StateCreated{state->origin.state});
  } else {
    state->busy_for.from->credit.give_back(state->busy_for.bytes);
    state->busy_for = to;
  }
  return true;
}

StatePtr StateDesk::enter(const Connection& client, Lane& lane, const Selection& program,
                          const EffectKey& key) {
  auto state = std::make_shared<StateRecord>();
  std::uint64_t number = random_number();
  while (states_.contains(number)) number = random_number();
  state->origin = {number,        client.session, client.client.name,
                   lane.device(), program,        key.sequence};
  state->lane = &lane;
  state->moving = true;
  state->last_use_ns = now_ns();
  states_[number] = state;
  created_[{client.session, key.sequence}] = state;
  return state;
}

bool StateDesk::may_create(const RequestRef& to, const EffectKey& key) {
  const auto mine = std::ranges::count_if(states_, [&](const auto& entry) {
    return entry.second->origin.user == to.from->client.name;
  });
  Status status;
  if (key.sequence == 0) {
    status = fail(RDU_ERR_INVALID_ARGUMENT, "an effect needs a key");
  } else if (static_cast<std::uint64_t>(mine) >= services_.options.max_states) {
    status = fail(RDU_ERR_LIMIT_EXCEEDED, "this client has ", mine, " states already");
  }
  if (!status.ok()) services_.outbox.fail(to, status);
  return status.ok();
}

void StateDesk::create(const Request& request) {
  StateCreate create;
  if (!read_request(services_, request, create)) return;
  const RequestRef& to = request.to;
  if (answered_before(to, create.key) || !may_create(to, create.key)) return;
  Result<ProgramDesk::Use> use = programs_.find(*to.from, create.program);
  if (!use.ok()) return services_.outbox.fail(to, use.status());
  const StatePtr state = enter(*to.from, *use->lane, use->program->selection, create.key);
  state->busy_for = to;
  programs_.acquire(
      *use->lane, use->program->selection, [this, state](const Result<ProgramPtr>& home) {
        if (!home.ok()) return finish_make(state, home.status());
        state->home = *home;
        auto job = std::make_shared<Job>();
        job->client = state->origin.user;
        job->arrival_ns = now_ns();
        job->program = state->home;
        const WorkHead head{
            .op = Op::kStateCreate, .program = state->home->number, .state = state->origin.state};
        job->prepare = [head](WorkerProcess& worker) { return make_work(worker, head, {}, 4096); };
        job->done = [this, state](const Completion& completion) {
          finish_make(state, completion.status);
        };
        state->lane->submit(std::move(job));
      });
}

// The copy is saved before it is answered: its journal begins with that snapshot.
void StateDesk::clone(const RequestRef& to, const StatePtr& original, const EffectKey& key) {
  if (!may_create(to, key)) return;
  const StatePtr copy = enter(*to.from, *original->lane, original->origin.program, key);
  copy->busy_for = to;
  with_live(original, [this, original, copy](const Status& status) {
    if (!status.ok()) return finish_make(copy, status);
    if (original->busy_sequence != 0)
      return finish_make(copy, fail(RDU_ERR_BUSY, "the state is in a run"));
    programs_.acquire(*copy->lane, copy->origin.program,
                      [this, original, copy](const Result<ProgramPtr>& home) {
                        if (!home.ok()) return finish_make(copy, home.status());
                        copy->home = *home;
                        auto job = std::make_shared<Job>();
                        job->arrival_ns = now_ns();
                        const WorkHead head{.op = Op::kStateClone,
                                            .state = original->origin.state,
                                            .other_state = copy->origin.state};
                        job->prepare = [head](WorkerProcess& worker) {
                          return make_work(worker, head, {}, 4096);
                        };
                        job->done = [this, copy](const Completion& completion) {
                          if (!completion.status.ok()) return finish_make(copy, completion.status);
                          save_copy(copy);
                        };
                        copy->lane->submit_first(std::move(job));
                      });
  });
}

void StateDesk::save_copy(const StatePtr& copy) {
  copy->snapshot = 1;
  auto job = std::make_shared<Job>();
  job->arrival_ns = now_ns();
  const std::string path = snapshot_path(copy->origin.state, 1);
  job->prepare = [copy, path](WorkerProcess& worker) {
    return make_work(worker, {.op = Op::kStateSave, .state = copy->origin.state},
                     std::as_bytes(std::span(path)), 4096);
  };
  job->done = [this, copy](const Completion& completion) { finish_make(copy, completion.status); };
  copy->lane->submit_first(std::move(job));
}

// It exists from the moment at which its journal does.
void StateDesk::finish_make(const StatePtr& state, Status status) {
  const RequestRef to = std::exchange(state->busy_for, {});
  if (status.ok()) {
    Result<StateLog> log =
        StateLog::begin(log_path(state->origin.state), {state->origin, state->snapshot, {}},
                        services_.options.durability);
    status = log.status();
    if (log.ok()) state->log.emplace(std::move(*log));
  }
  if (!status.ok()) {
    remove(state);
    return services_.outbox.fail(to, status);
  }
  state->created = true;
  state->live_life = state->lane->life();
  settle(state, {});
  services_.outbox.reply(to, MessageType::kStateCreated, StateCreated{state->origin.state});
}

// One that is not there was destroyed before.
void StateDesk::destroy(const RequestRef& to, const StateCall& call) {
  Result<StatePtr> state = find(*to.from, call.state);
  if (state.ok() && ((*state)->busy_sequence != 0 || (*state)->moving)) {
    return services_.outbox.fail(to, fail(RDU_ERR_BUSY, "the state is in a run"));
  }
  if (state.ok()) remove(*state);
  services_.outbox.done(to);
}

void StateDesk::remove(const StatePtr& state) {
  states_.erase(state->origin.state);
  created_.erase({state->origin.session, state->origin.create_sequence});
  ::unlink(log_path(state->origin.state).c_str());
  if (state->snapshot != 0) ::unlink(snapshot_path(state->origin.state, state->snapshot).c_str());
  if (state->live_life != 0 && state->live_life == state->lane->life()) {
    auto job = std::make_shared<Job>();
    job->arrival_ns = now_ns();
    const WorkHead head{.op = Op::kStateDestroy, .state = state->origin.state};
    job->prepare = [head](WorkerProcess& worker) { return make_work(worker, head, {}, 0); };
    job->done = [](const Completion&) {};
    state->lane->submit_first(std::move(job));
  }
  if (state->home) programs_.release(*state->lane, std::exchange(state->home, nullptr));
}

}  // namespace rdu::remote::node
