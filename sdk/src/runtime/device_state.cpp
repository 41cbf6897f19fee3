// Passes on to the plugin's state functions.
#include "sdk/src/runtime/device_state.hpp"

namespace rdu::runtime {

Status DeviceState::create(const Executable& executable, std::unique_ptr<DeviceState>& out) {
  const Device& device = executable.device();
  rdu_plugin_state* handle = nullptr;
  RDU_TRY(
      from_plugin(device.api().state_create(executable.handle(), &handle), device.plugin_name()));
  return adopt(device, handle, out);
}

Status DeviceState::adopt(const Device& device, rdu_plugin_state* handle,
                          std::unique_ptr<DeviceState>& out) {
  try {
    out.reset(new DeviceState(device, handle));
  } catch (...) {
    device.api().state_destroy(handle);
    throw;
  }
  return {};
}

Status DeviceState::read(std::uint32_t variable, void* out, std::uint64_t bytes) const {
  return from_plugin(device_.api().state_read(handle_, variable, out, bytes),
                     device_.plugin_name());
}

Status DeviceState::write(std::uint32_t variable, const void* data, std::uint64_t bytes) {
  return from_plugin(device_.api().state_write(handle_, variable, data, bytes),
                     device_.plugin_name());
}

Status DeviceState::reset() {
  return from_plugin(device_.api().state_reset(handle_), device_.plugin_name());
}

Status DeviceState::clone(std::unique_ptr<DeviceState>& out) const {
  rdu_plugin_state* handle = nullptr;
  RDU_TRY(from_plugin(device_.api().state_clone(handle_, &handle), device_.plugin_name()));
  return adopt(device_, handle, out);
}

}  // namespace rdu::runtime
