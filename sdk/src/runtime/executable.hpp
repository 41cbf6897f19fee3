// A step loaded on its device.
#pragma once

#include <rdu/plugin.h>

#include <memory>

#include "sdk/src/runtime/device.hpp"
#include "sdk/src/runtime/turns.hpp"

namespace rdu::runtime {

class Executable {
 public:
  // May block for long. `load` and what it points to outlive the executable.
  static Status load(std::shared_ptr<Device> device, const rdu_load& load, Executable& out);

  Executable() = default;
  Executable(Executable&& other) noexcept;
  Executable& operator=(Executable&& other) noexcept;
  ~Executable();

  const Device& device() const { return *device_; }
  const rdu_memory& memory() const { return memory_; }
  rdu_plugin_executable* handle() const { return handle_; }

  // Takes a turn where the device bounds the runs at once. Every true, and every turn that comes to a waiter, is followed
  // by one leave(). Waits, until the deadline; or queues the waiter.
  bool enter(std::uint64_t deadline_ns) { return !turns_ || turns_->take(deadline_ns); }
  bool enter_or_queue(Turns::Waiter& waiter) { return !turns_ || turns_->take_or_queue(waiter); }
  void leave() {
    if (turns_) turns_->give_back();
  }

 private:
  std::shared_ptr<Device> device_;
  rdu_plugin_executable* handle_ = nullptr;
  rdu_memory memory_{};
  std::unique_ptr<Turns> turns_;  // none where the device has no bound
};

}  // namespace rdu::runtime
