// Life of a submitted run: queued, claimed, driven from device event to device event, completed once.
#include "sdk/src/runtime/event.hpp"

#include <algorithm>
#include <chrono>
#include <limits>

#include "sdk/src/runtime/guard.hpp"

namespace rdu::runtime {
namespace {

using Clock = std::chrono::steady_clock;

Clock::time_point at_ns(std::uint64_t ns) {
  return Clock::time_point(std::chrono::nanoseconds(ns));
}

rdu_event_state state_for(const Status& outcome) {
  if (outcome.ok()) return RDU_EVENT_DONE;
  return outcome.code() == RDU_ERR_CANCELLED ? RDU_EVENT_CANCELLED : RDU_EVENT_ERROR;
}

}  // namespace

Status Event::submit(const rdu_run_args* args, rdu_event* handle) {
  handle_ = handle;
  run_.wait_by(*this);
  RDU_TRY(run_.prepare(args));
  context().workers().push(shared_from_this());
  return {};
}

void Event::work() noexcept {
  Run::Pause pause;
  if (device_event_) {
    rdu_plugin_event* event = std::exchange(device_event_, nullptr);
    Status status = caught([&] { return run_.resume(std::move(device_outcome_), event, pause); });
    drive(std::move(status), pause);
  } else if (started_ || claim()) {
    started_ = true;
    Status status = caught([&] { return run_.advance(pause); });
    drive(std::move(status), pause);
  }
}

void Event::turn_came() noexcept {
  run_.give_turn();
  context().workers().push(shared_from_this());
}

// Goes on until the run has ended, waits for a device that will call back, or for its turn. In the last case another
// worker may have it already.
void Event::drive(Status status, Run::Pause pause) noexcept {
  while (status.ok() && (pause.event || pause.queued)) {
    if (pause.queued || suspend(pause.event)) return;
    Status outcome = run_.wait(pause.event);
    run_.leave_device();
    status = caught([&] { return run_.resume(std::move(outcome), pause.event, pause); });
  }
  complete(run_.end(std::move(status)));
}

// After a successful call another thread may have gone on with the run already.
bool Event::suspend(rdu_plugin_event* event) {
  const rdu_plugin_api& api = run_.waiting_on().api();
  if (!api.event_on_complete) return false;
  device_event_ = event;
  self_ = shared_from_this();
  const Status refused(api.event_on_complete(event, device_done, this));
  if (refused.ok()) return true;
  device_event_ = nullptr;
  self_.reset();
  return false;
}

// On a thread of the device, or inside event_on_complete.
void Event::device_done(void* user, rdu_status* status) {
  std::shared_ptr<Event> event = std::move(static_cast<Event*>(user)->self_);
  event->device_outcome_ = Status::copy_of(status);
  event->run_.leave_device();
  WorkerPool& workers = event->context().workers();
  workers.push(std::move(event));
}

void Event::complete(Status outcome) noexcept {
  std::unique_lock lock(mutex_);
  state_ = state_for(outcome);
  result_ = std::move(outcome);
  call_back(lock);
  changed_.notify_all();
}

// The state is set: whoever asks inside the callback gets the answer at once.
void Event::call_back(std::unique_lock<std::mutex>& lock) {
  if (!callback_) return;
  const rdu_complete_fn fn = std::exchange(callback_, nullptr);
  calling_back_ = std::this_thread::get_id();
  lock.unlock();
  changed_.notify_all();
  fn(callback_user_, handle_, state_);
  lock.lock();
  calling_back_ = {};
}

// A run that nobody started yet ends here and now; a device that is at work is asked to stop.
void Event::end_if_late() {
  if (!run_.stop().expired()) return;
  if (claim()) {
    complete(run_.end(caught([&] { return run_.stop().check(); })));
  } else {
    run_.stop().interrupt();
    go_on_if_queued();
  }
}

// A run that waits for its turn has heard nothing of a cancel or of its deadline.
void Event::go_on_if_queued() {
  if (withdraw()) context().workers().push(shared_from_this());
}

rdu_event_state Event::wait(std::uint64_t timeout_us) {
  const std::uint64_t start = now_ns();
  const std::uint64_t longest = std::numeric_limits<std::int64_t>::max() - start;
  const std::uint64_t until = start + (timeout_us < longest / 1000 ? timeout_us * 1000 : longest);
  const std::uint64_t deadline = run_.stop().deadline_ns();
  const auto ended = [this] { return state_ != RDU_EVENT_PENDING; };
  if (deadline != 0 && deadline < until) {
    {
      std::unique_lock lock(mutex_);
      if (changed_.wait_until(lock, at_ns(deadline), ended)) return state_;
    }
    end_if_late();
  }
  std::unique_lock lock(mutex_);
  changed_.wait_until(lock, at_ns(until), ended);
  return state_;
}

rdu_event_state Event::poll() {
  {
    const std::lock_guard lock(mutex_);
    if (state_ != RDU_EVENT_PENDING) return state_;
  }
  end_if_late();
  const std::lock_guard lock(mutex_);
  return state_;
}

Status Event::result() const {
  const std::lock_guard lock(mutex_);
  if (state_ == RDU_EVENT_PENDING) return fail(RDU_ERR_BUSY, "the run has not ended");
  return result_.copy();
}

Status Event::on_complete(rdu_complete_fn fn, void* user) {
  std::unique_lock lock(mutex_);
  if (has_callback_) return fail(RDU_ERR_INVALID_ARGUMENT, "the event has a callback already");
  has_callback_ = true;
  callback_ = fn;
  callback_user_ = user;
  if (state_ != RDU_EVENT_PENDING) {
    const std::shared_ptr<Event> keep = shared_from_this();
    call_back(lock);
    lock.unlock();
    changed_.notify_all();
  }
  return {};
}

void Event::cancel() {
  run_.stop().cancel();
  if (claim()) {
    complete(run_.end(caught([&] { return run_.stop().check(); })));
  } else {
    go_on_if_queued();
  }
}

std::shared_ptr<Program> Event::wait_for_release() {
  std::unique_lock lock(mutex_);
  const auto mine = [this] { return calling_back_ == std::this_thread::get_id(); };
  changed_.wait(lock, [&] {
    return state_ != RDU_EVENT_PENDING && !callback_ &&
           (calling_back_ == std::thread::id() || mine());
  });
  return run_.release_program();
}

}  // namespace rdu::runtime
