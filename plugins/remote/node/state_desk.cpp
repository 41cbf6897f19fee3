// The life of a state between requests: found, made live in a worker, stepped, written down, and only then answered.
#include "plugins/remote/node/state_desk.hpp"

#include <algorithm>

#include "plugins/remote/node/clock.hpp"

namespace rdu::remote::node {

namespace {

constexpr int kMostAttempts = 2;

// What a repeat must have in common with the first: everything but deadlines and numbers that a new epoch changes.
Hash payload_hash(const Effect& effect) {
  ByteWriter head;
  head.put(effect.op);
  head.put(effect.program.artifact);
  head.put(effect.program.signature);
  head.put(effect.program.variant);
  head.put(effect.program.first_section);
  head.put(effect.program.end_section);
  head.put(effect.variable);
  Hasher hasher;
  hasher.add(head.bytes());
  for (const Bytes& input : effect.inputs) {
    const std::uint64_t size = input.size();
    hasher.add(std::as_bytes(std::span(&size, 1)));
    hasher.add(input);
  }
  return hasher.finish();
}

}  // namespace

Result<StatePtr> StateDesk::find(const Connection& client, std::uint64_t number) const {
  const auto found = states_.find(number);
  if (found == states_.end() || !found->second->created ||
      found->second->origin.session != client.session ||
      found->second->origin.user != client.client.name) {
    return fail(RDU_ERR_NOT_FOUND, "this session has no state ", number);
  }
  return found->second;
}

void StateDesk::run(const Request& request, const Run& run) {
  const RequestRef& to = request.to;
  Result<StatePtr> state = find(*to.from, run.state);
  if (!state.ok()) return services_.outbox.fail(to, state.status());
  Result<ProgramDesk::Use> use = programs_.find(*to.from, run.program);
  if (!use.ok()) return services_.outbox.fail(to, use.status());
  if (use->lane != (*state)->lane) {
    return services_.outbox.fail(
        to, fail(RDU_ERR_INVALID_ARGUMENT, "the state lives on another device"));
  }
  Result<RunWork> planned =
      RunWork::plan(run, use->program->ports, request.payload, to.from->shared);
  if (!planned.ok()) return services_.outbox.fail(to, planned.status());
  Result<std::vector<Bytes>> inputs = planned->copy_inputs();
  if (!inputs.ok()) return services_.outbox.fail(to, inputs.status());
  auto step = std::make_shared<Step>();
  step->state = *state;
  step->to = to;
  step->work = std::make_shared<RunWork>(std::move(*planned));
  step->program = use->program;
  step->arrival_ns = request.arrival_ns;
  step->deadline_ns =
      run.remaining_ms == 0 ? 0 : request.arrival_ns + run.remaining_ms * kMillisecond;
  step->effect = {Op::kRun, run.key.sequence, {}, use->program->selection, 0, std::move(*inputs)};
  begin_step(step);
}

void StateDesk::call(const Request& request) {
  StateCall call;
  if (!read_request(services_, request, call)) return;
  const RequestRef& to = request.to;
  if (request.type == MessageType::kStateDestroy) return destroy(to, call);
  if (request.type == MessageType::kStateClone && answered_before(to, call.key)) return;
  Result<StatePtr> state = find(*to.from, call.state);
  if (!state.ok()) return services_.outbox.fail(to, state.status());
  if (request.type == MessageType::kStateRead) return read(to, *state, call);
  if (request.type == MessageType::kStateClone) return clone(to, *state, call.key);
  auto step = std::make_shared<Step>();
  step->state = *state;
  step->to = to;
  step->arrival_ns = request.arrival_ns;
  step->effect.sequence = call.key.sequence;
  step->effect.op = Op::kStateReset;
  if (request.type == MessageType::kStateWrite) {
    step->effect.op = Op::kStateWrite;
    step->effect.variable = call.variable;
    Bytes& bytes = step->effect.inputs.emplace_back(request.payload_bytes);
    TensorReader reader(request.payload);
    if (const Status status = reader.read(bytes); !status.ok())
      return services_.outbox.fail(to, status);
  }
  begin_step(step);
}

// Everything is judged when the state is live: only then is it known which effect was the last.
void StateDesk::begin_step(const StepPtr& step) {
  if (step->effect.sequence == 0) {
    return services_.outbox.fail(step->to, fail(RDU_ERR_INVALID_ARGUMENT, "an effect needs a key"));
  }
  step->effect.payload = payload_hash(step->effect);
  with_live(step->state, [this, step](const Status& status) {
    StateRecord& state = *step->state;
    const Effect& effect = step->effect;
    if (!status.ok()) return services_.outbox.fail(step->to, status);
    const bool under_way = effect.sequence == state.busy_sequence;
    const bool was_last = effect.sequence == state.last.sequence;
    if ((under_way && effect.payload != state.busy_payload) ||
        (was_last && effect.payload != state.last.payload)) {
      return services_.outbox.fail(step->to, fail(RDU_ERR_INVALID_ARGUMENT, "key ", effect.sequence,
                                                  " belongs to another request"));
    }
    if (under_way) {
      ++num_repeats_;
      state.busy_for.from->credit.give_back(state.busy_for.bytes);
      state.busy_for = step->to;
      return;
    }
    if (was_last) return repeat(step->to, state, effect.op);
    if (state.busy_sequence != 0) {
      return services_.outbox.fail(step->to, fail(RDU_ERR_BUSY, "the state is in another run"));
    }
    if (effect.sequence < state.last.sequence) {
      return services_.outbox.fail(step->to,
                                   fail(RDU_ERR_INVALID_ARGUMENT, "key ", effect.sequence,
                                        " is older than the last effect, ", state.last.sequence));
    }
    submit_step(step);
  });
}

void StateDesk::submit_step(const StepPtr& step) {
  StateRecord& state = *step->state;
  state.busy_sequence = step->effect.sequence;
  state.busy_payload = step->effect.payload;
  state.busy_for = step->to;
  services_.queued_bytes += step->to.bytes;
  make_job(step);
}

void StateDesk::make_job(const StepPtr& step) {
  StateRecord& state = *step->state;
  ++step->attempts;
  auto job = std::make_shared<Job>();
  job->client = state.origin.user;
  job->arrival_ns = step->arrival_ns;
  job->deadline_ns = step->deadline_ns;
  job->bytes = step->to.bytes;
  job->program = step->program;
  job->has_effect = true;
  job->prepare = [this, step](WorkerProcess& worker) -> Result<SegmentLease> {
    // A worker that died while this waited took the state with it.
    if (step->state->live_life != step->state->lane->life()) {
      return fail(RDU_ERR_WORKER_LOST, "the worker was lost before the effect began");
    }
    WorkHead head{.op = step->effect.op,
                  .state = step->state->origin.state,
                  .deadline_ns = step->deadline_ns};
    if (step->work) {
      head.program = step->program->number;
      return step->work->prepare(worker, head);
    }
    head.variable = step->effect.variable;
    return prepare_call(worker, head, step->effect.inputs);
  };
  job->done = [this, step](Completion completion) { end_step(step, std::move(completion)); };
  step->to.from->jobs[step->to.request] = job;
  state.lane->submit(std::move(job));
}

// An effect that a lost worker did not finish has not happened: the state is made again, and it is tried once more, but not for
// ever, for it may be what kills the workers.
bool StateDesk::try_again(const StepPtr& step) {
  if (step->attempts >= kMostAttempts) return false;
  with_live(step->state, [this, step](const Status& status) {
    if (status.ok()) return make_job(step);
    end_step(step, {status, {}, nullptr, 0});
  });
  return true;
}

void StateDesk::end_step(const StepPtr& step, Completion completion) {
  StateRecord& state = *step->state;
  if (completion.status.code() == RDU_ERR_WORKER_LOST && try_again(step)) return;
  services_.queued_bytes -= step->to.bytes;
  state.busy_sequence = 0;
  state.last_use_ns = now_ns();
  const RequestRef to = std::exchange(state.busy_for, {});
  if (completion.status.ok()) {
    completion.status = state.log->append(step->effect);
    // The worker is ahead of the journal: it must be made again.
    if (!completion.status.ok()) state.live_life = 0;
  }
  if (!completion.status.ok()) return services_.outbox.fail(to, completion.status);
  state.last = {step->effect.sequence, step->effect.payload, {}};
  if (step->work) state.last.outputs = step->work->copy_outputs(completion);
  answer(step, to, completion);
  snapshot_if_due(step->state);
}

// Where the client asked again, perhaps on another connection with other shared memory, the plain answer is sent.
void StateDesk::answer(const StepPtr& step, const RequestRef& to, const Completion& completion) {
  if (!step->work) return services_.outbox.done(to);
  if (to.from != step->to.from) return repeat(to, *step->state, Op::kRun);
  std::vector<Frame> payload;
  const RunResult result =
      step->work->result(completion, services_.options.max_frame_bytes, payload);
  services_.outbox.reply(to, MessageType::kResult, result, std::move(payload));
}

void StateDesk::repeat(const RequestRef& to, const StateRecord& state, Op op) {
  ++num_repeats_;
  if (op != Op::kRun) return services_.outbox.done(to);
  RunResult result;
  std::vector<Frame> payload;
  for (const Bytes& output : state.last.outputs) {
    result.outputs.push_back(
        {static_cast<std::uint32_t>(result.outputs.size()), output.size(), 0, false});
    for (std::size_t at = 0; at < output.size(); at += services_.options.max_frame_bytes) {
      const std::size_t bytes =
          std::min<std::size_t>(output.size() - at, services_.options.max_frame_bytes);
      payload.push_back(Frame::copy_of(ByteSpan(output).subspan(at, bytes)));
    }
  }
  services_.outbox.reply(to, MessageType::kResult, result, std::move(payload));
}

void StateDesk::read(const RequestRef& to, const StatePtr& state, const StateCall& call) {
  with_live(state, [this, to, state, call](const Status& status) {
    if (!status.ok()) return services_.outbox.fail(to, status);
    const auto& variables = state->home->ports.variables;
    if (call.variable >= variables.size()) {
      return services_.outbox.fail(
          to, fail(RDU_ERR_INVALID_ARGUMENT, "there is no variable ", call.variable));
    }
    auto job = std::make_shared<Job>();
    job->client = state->origin.user;
    job->arrival_ns = now_ns();
    const WorkHead head{
        .op = Op::kStateRead, .state = state->origin.state, .variable = call.variable};
    const std::uint64_t bytes = variables[call.variable].bytes;
    job->prepare = [head, bytes](WorkerProcess& worker) {
      return prepare_read(worker, head, bytes);
    };
    job->done = [this, to, bytes](Completion completion) {
      if (!completion.status.ok()) return services_.outbox.fail(to, completion.status);
      const ByteSpan data =
          ByteSpan(completion.segment->memory.bytes()).subspan(body_offset(1), bytes);
      std::vector<Frame> payload;
      for (std::size_t at = 0; at < bytes; at += services_.options.max_frame_bytes) {
        payload.push_back(Frame::copy_of(data.subspan(
            at, std::min<std::size_t>(bytes - at, services_.options.max_frame_bytes))));
      }
      services_.outbox.reply(to, MessageType::kStateData, StateData{bytes}, std::move(payload));
    };
    state->lane->submit(std::move(job));
  });
}

}  // namespace rdu::remote::node
