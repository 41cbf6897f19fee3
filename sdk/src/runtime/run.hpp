// One run in progress: its memory, its state, and which step comes next.
#pragma once

#include <rdu/plugin.h>

#include <atomic>
#include <memory>
#include <mutex>

#include "sdk/src/runtime/run_memory.hpp"

namespace rdu::runtime {

// A wish to stop, heard between steps and by the device that is at work.
class StopSource {
 public:
  void set_deadline(std::uint64_t deadline_ns) { deadline_ns_ = deadline_ns; }
  std::uint64_t deadline_ns() const { return deadline_ns_; }
  void cancel();
  void interrupt();  // asks the device that is at work to stop
  bool cancelled() const { return cancelled_.load(std::memory_order_relaxed) != 0; }
  // For a device that looks while it works: not 0 once the run is cancelled.
  const std::uint32_t* word() const { return reinterpret_cast<const std::uint32_t*>(&cancelled_); }
  bool expired() const { return deadline_ns_ != 0 && now_ns() >= deadline_ns_; }

  // CANCELLED or DEADLINE_EXCEEDED.
  Status check() const;

  // The device's event that a cancel is passed on to; NULL when it is done.
  void working(const rdu_plugin_api* api, rdu_plugin_event* event);

 private:
  std::uint64_t deadline_ns_ = 0;
  std::atomic<std::uint32_t> cancelled_{0};
  static_assert(sizeof(std::atomic<std::uint32_t>) == sizeof(std::uint32_t));
  std::mutex mutex_;
  const rdu_plugin_api* api_ = nullptr;
  rdu_plugin_event* event_ = nullptr;
};

class Run {
 public:
  explicit Run(std::shared_ptr<Program> program) : program_(std::move(program)) {}
  Run(const Run&) = delete;
  Run& operator=(const Run&) = delete;
  ~Run();

  // Reads and binds the call; nothing runs yet.
  Status prepare(const rdu_run_args* args);

  // To the end, waiting where a device is asynchronous.
  Status finish();

  // What a run waits for.
  struct Pause {
    rdu_plugin_event* event = nullptr;  // a device's work: resume() goes on once it is done
    bool queued = false;  // the waiter's turn: from then on advance() goes on, on whatever thread
  };
  // To the end, or to a pause.
  Status advance(Pause& out_pause);
  // `event` is the one that is done; wait() blocks for it.
  Status wait(rdu_plugin_event* event);
  Status resume(Status outcome, rdu_plugin_event* event, Pause& out_pause);

  // Instead of a thread, `waiter` waits for the run's turn on a device. It gives the turn that comes to the run, and then
  // somebody calls advance().
  void wait_by(Turns::Waiter& waiter) { waiter_ = &waiter; }
  void give_turn() { has_turn_ = true; }

  // The device is done with the event that advance() gave: somebody else may have its turn. Once, before resume(), from
  // any thread.
  void leave_device();

  // The device whose event advance() gave.
  const Device& waiting_on() const { return executable().device(); }
  StopSource& stop() { return stop_; }
  Program& program() { return *program_; }

  // After the last step: outputs and state take effect, or nothing does. The run gives everything back.
  Status end(Status outcome) noexcept;

  // After end(): the run no longer keeps the program.
  std::shared_ptr<Program> release_program() { return std::move(program_); }

 private:
  Executable& executable() const;
  const Schedule& schedule() const;
  bool keeps_state(std::uint32_t step) const;
  Status submit(Pause& out_pause);
  Status stop_before_step();
  Status step_done(Status outcome);
  void trace(std::uint64_t begin_ns, const char* name, const char* category,
             std::uint32_t section) const;
  void give_back() noexcept;

  std::shared_ptr<Program> program_;
  std::unique_ptr<RunMemory> memory_;
  State* state_ = nullptr;  // acquired
  StopSource stop_;
  Turns::Waiter* waiter_ = nullptr;
  bool has_turn_ = false;
  std::size_t next_ = 0;  // action
  bool state_done_ =
      false;  // the device that keeps the state has done its part: the run may only succeed
  std::uint64_t id_ = 0;
  std::uint64_t begin_ns_ = 0;  // 0: nobody traces
  std::uint64_t step_begin_ns_ = 0;
};

}  // namespace rdu::runtime
