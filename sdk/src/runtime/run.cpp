// Drives the actions of a schedule one after the other.
#include "sdk/src/runtime/run.hpp"

#include <limits>

#include "sdk/src/api/handles.hpp"
#include "sdk/src/runtime/guard.hpp"

namespace rdu::runtime {

void StopSource::cancel() {
  cancelled_.store(1, std::memory_order_relaxed);
  interrupt();
}

void StopSource::interrupt() {
  const std::lock_guard lock(mutex_);
  if (event_ && api_->event_cancel) api_->event_cancel(event_);
}

Status StopSource::check() const {
  if (cancelled()) return fail(RDU_ERR_CANCELLED, "the run was cancelled");
  if (expired()) return fail(RDU_ERR_DEADLINE_EXCEEDED, "the run passed its deadline");
  return {};
}

void StopSource::working(const rdu_plugin_api* api, rdu_plugin_event* event) {
  const std::lock_guard lock(mutex_);
  api_ = api;
  event_ = event;
  if (event_ && cancelled() && api_->event_cancel) api_->event_cancel(event_);
}

Run::~Run() { give_back(); }

Executable& Run::executable() const {
  const Call& call = memory_->call();
  return program_->variant(call.signature, call.variant)
      .executables[schedule().actions[next_].step];
}

const Schedule& Run::schedule() const {
  const Call& call = memory_->call();
  return program_->variant(call.signature, call.variant).schedule;
}

bool Run::keeps_state(std::uint32_t step) const {
  const Call& call = memory_->call();
  return program_->variant(call.signature, call.variant).state_step == step;
}

Status Run::prepare(const rdu_run_args* args) {
  RDU_TRY(program_->acquire(memory_));
  Call& call = memory_->call();
  RDU_TRY(read_call(*program_->artifact(), args, call));
  if (call.timeout_us != 0) {
    const std::uint64_t now = now_ns();
    const bool finite = call.timeout_us < (std::numeric_limits<std::uint64_t>::max() - now) / 1000;
    if (finite) stop_.set_deadline(now + call.timeout_us * 1000);
  }
  if (call.state) {
    RDU_TRY(call.state->state->acquire());
    state_ = call.state->state.get();
    const VariantSpec& variant = program_->spec(call.signature, call.variant);
    RDU_TRY(state_->serves(*program_, call.signature, variant));
    if (!state_->on_device()) RDU_TRY(state_->has_room(variant));
  }
  if (program_->context().tracer().on()) {
    begin_ns_ = now_ns();
    id_ = program_->context().next_run_id();
  }
  return memory_->bind(state_);
}

Status Run::finish() {
  Pause pause;
  Status status = advance(pause);
  while (status.ok() && pause.event) {
    Status outcome = wait(pause.event);
    leave_device();
    status = resume(std::move(outcome), pause.event, pause);
  }
  return end(std::move(status));
}

Status Run::advance(Pause& out_pause) {
  out_pause = {};
  for (; next_ < schedule().actions.size(); ++next_) {
    RDU_TRY(stop_before_step());
    const Action& action = schedule().actions[next_];
    step_begin_ns_ = begin_ns_ ? now_ns() : 0;
    if (action.kind != Action::Kind::kExecute) {
      RDU_TRY(memory_->copy(action));
      trace(step_begin_ns_, action.kind == Action::Kind::kUpload ? "upload" : "download", "copy",
            RDU_NO_INDEX);
      continue;
    }
    RDU_TRY(submit(out_pause));
    if (out_pause.event || out_pause.queued) return {};
    leave_device();
    RDU_TRY(step_done({}));
  }
  return {};
}

void Run::leave_device() { executable().leave(); }

Status Run::stop_before_step() {
  if (state_done_) return {};
  Status stopped = stop_.check();
  if (!stopped.ok() && std::exchange(has_turn_, false)) leave_device();
  return stopped;
}

Status Run::resume(Status outcome, rdu_plugin_event* event, Pause& out_pause) {
  stop_.working(nullptr, nullptr);
  executable().device().api().event_release(event);
  RDU_TRY(step_done(std::move(outcome)));
  ++next_;
  return advance(out_pause);
}

// Once the waiter is queued, another thread may go on with the run at any moment.
Status Run::submit(Pause& out_pause) {
  const Action& action = schedule().actions[next_];
  Executable& work = executable();
  if (!std::exchange(has_turn_, false)) {
    if (waiter_ && !work.enter_or_queue(*waiter_)) {
      out_pause.queued = true;
      return {};
    }
    if (!waiter_ && !work.enter(stop_.deadline_ns())) return stop_.check();
  }
  const auto bindings = memory_->bindings(action.step);
  rdu_submission submission{};
  submission.header = RDU_HEADER(rdu_submission);
  submission.bindings = {bindings.data(), static_cast<std::uint32_t>(bindings.size()),
                         sizeof(rdu_binding)};
  submission.scratch = work.memory().per_run ? memory_->scratch() : nullptr;
  submission.deadline_ns = stop_.deadline_ns();
  if (keeps_state(action.step)) submission.state = state_->on_device();
  submission.stop = stop_.word();
  const rdu_plugin_api& api = work.device().api();
  Status status =
      from_plugin(api.submit(work.handle(), &submission, &out_pause.event),
                  work.device().plugin_name(), schedule().steps[action.step].first_section);
  if (!status.ok()) {
    out_pause.event = nullptr;
    work.leave();
    return status;
  }
  if (out_pause.event) stop_.working(&api, out_pause.event);
  return {};
}

Status Run::step_done(Status outcome) {
  const Action& action = schedule().actions[next_];
  const Step& step = schedule().steps[action.step];
  trace(step_begin_ns_, "step", "step", step.first_section);
  // A device that was asked to stop because it is late knows only that it was cancelled.
  if (outcome.code() == RDU_ERR_CANCELLED && !stop_.cancelled() && stop_.expired()) {
    return stop_.check();
  }
  Status status =
      from_plugin(outcome.release(), executable().device().plugin_name(), step.first_section);
  state_done_ = status.ok() && keeps_state(action.step);
  return status;
}

// Past the deadline the device is asked to stop, and then waited for: it uses our memory.
Status Run::wait(rdu_plugin_event* event) {
  const rdu_plugin_api& api = executable().device().api();
  constexpr std::uint64_t kForever = std::numeric_limits<std::uint64_t>::max();
  std::uint32_t done = 0;
  if (stop_.deadline_ns() != 0) {
    const std::uint64_t now = now_ns();
    const std::uint64_t left = stop_.deadline_ns() > now ? stop_.deadline_ns() - now : 0;
    Status status(api.event_wait(event, left, &done));
    if (done) return status;
    if (api.event_cancel) api.event_cancel(event);
  }
  Status status;
  while (!done) status = Status(api.event_wait(event, kForever, &done));
  return status;
}

Status Run::end(Status outcome) noexcept {
  Status status = std::move(outcome);
  State* host_state = state_ && !state_->on_device() ? state_ : nullptr;
  if (status.ok() && host_state) {
    const Call& call = memory_->call();
    status =
        caught([&] { return state_->has_grown(program_->spec(call.signature, call.variant)); });
  }
  if (status.ok()) status = caught([&] { return memory_->deliver(); });
  if (status.ok() && host_state) host_state->flip();
  ProgramCounters& counters = program_->counters();
  (status.ok() ? counters.done : counters.failed).fetch_add(1, std::memory_order_relaxed);
  trace(begin_ns_, "run", "run", RDU_NO_INDEX);
  give_back();
  return status;
}

void Run::trace(std::uint64_t begin_ns, const char* name, const char* category,
                std::uint32_t section) const {
  if (begin_ns == 0) return;
  const Span span(program_->context().tracer(),
                  {name, category, id_, memory_->call().user_tag, section}, begin_ns);
}

void Run::give_back() noexcept {
  if (state_) state_->release();
  state_ = nullptr;
  if (!memory_) return;
  memory_->clear();
  program_->release(std::move(memory_));
}

}  // namespace rdu::runtime
