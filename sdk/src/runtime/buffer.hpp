// Memory that the application holds on a device.
#pragma once

#include <rdu/buffer.h>

#include <memory>

#include "sdk/src/runtime/device.hpp"

namespace rdu::runtime {

class Buffer {
 public:
  static Status create(std::shared_ptr<Device> device, std::uint64_t bytes,
                       std::unique_ptr<Buffer>& out);
  static Status import(std::shared_ptr<Device> device, void* data, std::uint64_t bytes,
                       rdu_release_fn release, void* user, std::unique_ptr<Buffer>& out);
  Buffer(std::shared_ptr<Device> device, std::uint64_t bytes)
      : device_(std::move(device)), bytes_(bytes) {}
  ~Buffer();
  Buffer(const Buffer&) = delete;
  Buffer& operator=(const Buffer&) = delete;

  const Device& device() const { return *device_; }
  std::uint64_t bytes() const { return bytes_; }
  std::byte* host_data() const { return host_; }  // NULL where only the device reaches it
  rdu_plugin_buffer* handle() const { return memory_.handle(); }

  Status check_range(std::uint64_t offset, std::uint64_t bytes) const;
  Status read(std::uint64_t offset, void* out, std::uint64_t bytes) const;
  Status write(std::uint64_t offset, const void* data, std::uint64_t bytes);
  Status map(std::uint32_t access, void** out);
  Status unmap();

 private:
  std::shared_ptr<Device> device_;
  std::uint64_t bytes_;
  std::byte* host_ = nullptr;
  Block block_;          // of a host-memory device's own buffer
  DeviceBuffer memory_;  // of any other device
  Block shadow_;         // what a map of device memory shows
  std::uint32_t mapped_ = 0;
  rdu_release_fn release_ = nullptr;
  void* release_user_ = nullptr;
};

}  // namespace rdu::runtime
