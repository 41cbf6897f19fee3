// A step loaded on its device.
#pragma once

#include <rdu/plugin.h>

#include <condition_variable>
#include <memory>
#include <mutex>

#include "sdk/src/runtime/device.hpp"

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

  // Waits for a turn where the device bounds the runs at once; false: `deadline_ns` passed first. Every true is followed
  // by one leave().
  bool enter(std::uint64_t deadline_ns);
  void leave();

 private:
  struct Turns {
    std::mutex mutex;
    std::condition_variable freed;
    std::uint32_t left;
  };

  std::shared_ptr<Device> device_;
  rdu_plugin_executable* handle_ = nullptr;
  rdu_memory memory_{};
  std::unique_ptr<Turns> turns_;  // none where the device has no bound
};

}  // namespace rdu::runtime
