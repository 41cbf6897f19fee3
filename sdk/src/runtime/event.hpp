// A submitted run: driven by the worker pool and by devices' events, waited for by the application.
#pragma once

#include <rdu/run.h>

#include <atomic>
#include <condition_variable>
#include <memory>
#include <mutex>
#include <thread>

#include "sdk/src/runtime/run.hpp"
#include "sdk/src/runtime/worker_pool.hpp"

namespace rdu::runtime {

class Event final : public Job, private Turns::Waiter, public std::enable_shared_from_this<Event> {
 public:
  explicit Event(std::shared_ptr<Program> program) : run_(std::move(program)) {}

  // Prepares the run and queues it. `handle` is what the completion callback receives.
  Status submit(const rdu_run_args* args, rdu_event* handle);

  rdu_event_state wait(std::uint64_t timeout_us);
  rdu_event_state poll();
  Status result() const;
  Status on_complete(rdu_complete_fn fn, void* user);
  void cancel();

  // Until the run has ended and the callback, unless it is the caller, has returned. The worker may keep the event for a
  // moment longer, but not what it hands out here: when the application has destroyed its objects, they are gone.
  std::shared_ptr<Program> wait_for_release();

  Context& context() { return run_.program().context(); }
  void work() noexcept override;

 private:
  bool claim() { return !claimed_.exchange(true); }
  void drive(Status status, Run::Pause pause) noexcept;
  void turn_came() noexcept override;
  bool suspend(rdu_plugin_event* device_event);
  static void device_done(void* user, rdu_status* status);
  void complete(Status outcome) noexcept;
  void end_if_late();
  void go_on_if_queued();
  void call_back(std::unique_lock<std::mutex>& lock);

  Run run_;
  rdu_event* handle_ = nullptr;
  std::atomic<bool> claimed_{false};  // by the one who starts the run, or ends it unstarted
  bool started_ = false;              // the next worker goes on with it

  // While a device works: who resumes the run finds these. `self_` keeps the event until then.
  std::shared_ptr<Event> self_;
  rdu_plugin_event* device_event_ = nullptr;
  Status device_outcome_;

  mutable std::mutex mutex_;
  std::condition_variable changed_;
  rdu_event_state state_ = RDU_EVENT_PENDING;
  Status result_;
  rdu_complete_fn callback_ = nullptr;
  void* callback_user_ = nullptr;
  bool has_callback_ = false;
  std::thread::id calling_back_;
};

}  // namespace rdu::runtime
