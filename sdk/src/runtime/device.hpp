// An open device of a plugin.
#pragma once

#include <rdu/device.h>
#include <rdu/plugin.h>

#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "sdk/src/runtime/context.hpp"

namespace rdu::runtime {

class Device {
 public:
  static Status open(std::shared_ptr<Context> context, std::string_view uri,
                     std::shared_ptr<Device>& out);
  ~Device();
  Device(const Device&) = delete;
  Device& operator=(const Device&) = delete;

  Context& context() const { return *context_; }
  const std::shared_ptr<Context>& shared_context() const { return context_; }
  const rdu_plugin_api& api() const { return plugin_.api(); }
  const std::string& plugin_name() const { return plugin_.name(); }
  rdu_plugin_device* handle() const { return handle_; }
  const std::string& uri() const { return uri_; }
  const std::string& target() const { return target_; }
  const rdu_device_properties& properties() const { return properties_; }
  bool uses_host_memory() const { return properties_.features & RDU_DEVICE_HOST_MEMORY; }
  bool keeps_state() const { return properties_.features & RDU_DEVICE_STATE; }
  rdu_device_info info() const;

  // Held while one of the calls is made that a plugin need not expect twice at once.
  std::unique_lock<std::mutex> serialise() { return std::unique_lock(mutex_); }

 private:
  Device(std::shared_ptr<Context> context, const plugin::Plugin& plugin, std::string uri,
         rdu_plugin_device* handle)
      : context_(std::move(context)), plugin_(plugin), uri_(std::move(uri)), handle_(handle) {}
  Status read_properties();

  std::shared_ptr<Context> context_;
  const plugin::Plugin& plugin_;
  std::string uri_;
  std::string name_;
  std::string target_;
  rdu_plugin_device* handle_;
  rdu_device_properties properties_{};
  std::mutex mutex_;
};

// Memory of a device.
class DeviceBuffer {
 public:
  DeviceBuffer() = default;
  DeviceBuffer(const Device& device, rdu_plugin_buffer* handle)
      : device_(&device), handle_(handle) {}
  DeviceBuffer(DeviceBuffer&& other) noexcept
      : device_(other.device_), handle_(std::exchange(other.handle_, nullptr)) {}
  DeviceBuffer& operator=(DeviceBuffer&& other) noexcept {
    std::swap(device_, other.device_);
    std::swap(handle_, other.handle_);
    return *this;
  }
  ~DeviceBuffer() {
    if (handle_) device_->api().buffer_free(handle_);
  }

  // The device outlives the buffer.
  static Status allocate(const Device& device, std::uint64_t bytes, DeviceBuffer& out);

  // UNSUPPORTED where the device cannot reach host memory.
  static Status import(const Device& device, void* data, std::uint64_t bytes, DeviceBuffer& out);

  rdu_plugin_buffer* handle() const { return handle_; }
  std::byte* map() const;  // NULL where the host cannot reach it
  Status upload(std::uint64_t offset, const void* host, std::uint64_t bytes) const;
  Status download(std::uint64_t offset, void* host, std::uint64_t bytes) const;

 private:
  const Device* device_ = nullptr;
  rdu_plugin_buffer* handle_ = nullptr;
};

}  // namespace rdu::runtime
