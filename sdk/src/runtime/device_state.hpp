// Variables that a plugin keeps on its device.
#pragma once

#include <rdu/plugin.h>

#include <cstdint>
#include <memory>

#include "sdk/src/runtime/executable.hpp"

namespace rdu::runtime {

class DeviceState {
 public:
  // The executable, which has its device's RDU_DEVICE_STATE, outlives the state.
  static Status create(const Executable& executable, std::unique_ptr<DeviceState>& out);
  ~DeviceState() { device_.api().state_destroy(handle_); }
  DeviceState(const DeviceState&) = delete;
  DeviceState& operator=(const DeviceState&) = delete;

  const Device& device() const { return device_; }
  rdu_plugin_state* handle() const { return handle_; }

  // Each may block. `bytes` is all of the variable.
  Status read(std::uint32_t variable, void* out, std::uint64_t bytes) const;
  Status write(std::uint32_t variable, const void* data, std::uint64_t bytes);
  Status reset();
  Status clone(std::unique_ptr<DeviceState>& out) const;

 private:
  DeviceState(const Device& device, rdu_plugin_state* handle) : device_(device), handle_(handle) {}
  static Status adopt(const Device& device, rdu_plugin_state* handle,
                      std::unique_ptr<DeviceState>& out);

  const Device& device_;
  rdu_plugin_state* handle_;
};

}  // namespace rdu::runtime
