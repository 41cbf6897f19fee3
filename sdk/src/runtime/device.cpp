// Opens devices by URI and reads their properties once.
#include "sdk/src/runtime/device.hpp"

#include <algorithm>
#include <bit>
#include <cstring>

#include "sdk/base/uri.hpp"

namespace rdu::runtime {
namespace {

constexpr std::uint32_t kMaxAlignment = 4096;

}  // namespace

Status Device::open(std::shared_ptr<Context> context, std::string_view given,
                    std::shared_ptr<Device>& out) {
  std::string uri(given);
  if (uri.find(':') == std::string::npos) uri += ':';
  RDU_ASSIGN(const base::DeviceUri parsed, base::parse_device_uri(uri));
  const std::string& scheme = parsed.plugin;
  const plugin::Plugin* plugin = nullptr;
  RDU_TRY(context->plugins().find(scheme, plugin));
  rdu_plugin_device* handle = nullptr;
  const rdu_plugin_api& api = plugin->api();
  RDU_TRY(from_plugin(api.device_open(api.self, uri.c_str(), &handle), scheme));
  std::unique_ptr<Device> device;
  try {
    device.reset(new Device(std::move(context), *plugin, std::move(uri), handle));
  } catch (...) {
    api.device_close(handle);
    throw;
  }
  RDU_TRY(device->read_properties());
  out = std::move(device);
  return {};
}

Device::~Device() { api().device_close(handle_); }

Status Device::read_properties() {
  const rdu_device_properties* given = api().device_properties(handle_);
  if (!given) {
    return fail(RDU_ERR_PLUGIN, "device '", uri_, "' has no properties");
  }
  std::memcpy(&properties_, given,
              std::min<std::size_t>(given->header.struct_size, sizeof(properties_)));
  name_ = properties_.name ? properties_.name : "";
  target_ = properties_.target ? properties_.target : "";
  if (properties_.alignment == 0) properties_.alignment = kHostAlignment;
  if (!std::has_single_bit(properties_.alignment) || properties_.alignment > kMaxAlignment) {
    return fail(RDU_ERR_PLUGIN, "device '", uri_, "' wants an alignment of ",
                properties_.alignment);
  }
  const bool has_buffers = api().buffer_alloc && api().buffer_free && api().buffer_copy;
  if (!uses_host_memory() && !has_buffers) {
    return fail(RDU_ERR_PLUGIN, "device '", uri_,
                "' has memory of its own but its plugin has no buffers");
  }
  if ((properties_.features & RDU_DEVICE_ASYNCHRONOUS) &&
      !(api().event_wait && api().event_release)) {
    return fail(RDU_ERR_PLUGIN, "device '", uri_, "' is asynchronous but its plugin has no events");
  }
  const bool has_states = api().state_create && api().state_destroy && api().state_read &&
                          api().state_write && api().state_reset && api().state_clone;
  if (keeps_state() && !has_states) {
    return fail(RDU_ERR_PLUGIN, "device '", uri_, "' keeps variables but its plugin has no states");
  }
  return {};
}

rdu_device_info Device::info() const {
  rdu_device_info info{};
  info.header = RDU_HEADER(rdu_device_info);
  info.uri = uri_.c_str();
  info.name = name_.c_str();
  info.plugin = plugin_.name().c_str();
  info.target = target_.c_str();
  info.target_hash = properties_.target_hash;
  info.memory_bytes = properties_.memory_bytes;
  info.flags = static_cast<std::uint32_t>(properties_.features) &
               (RDU_DEVICE_HOST_MEMORY | RDU_DEVICE_ASYNCHRONOUS | RDU_DEVICE_STATE);
  info.alignment = properties_.alignment;
  info.max_concurrency = properties_.max_concurrency;
  return info;
}

Status DeviceBuffer::allocate(const Device& device, std::uint64_t bytes, DeviceBuffer& out) {
  rdu_plugin_buffer* handle = nullptr;
  RDU_TRY(from_plugin(device.api().buffer_alloc(device.handle(), bytes, &handle),
                      device.plugin_name()));
  out = DeviceBuffer(device, handle);
  return {};
}

Status DeviceBuffer::import(const Device& device, void* data, std::uint64_t bytes,
                            DeviceBuffer& out) {
  if (!device.api().buffer_import) {
    return fail(RDU_ERR_UNSUPPORTED, "device '", device.uri(), "' cannot import host memory");
  }
  rdu_plugin_buffer* handle = nullptr;
  RDU_TRY(from_plugin(device.api().buffer_import(device.handle(), data, bytes, &handle),
                      device.plugin_name()));
  out = DeviceBuffer(device, handle);
  return {};
}

std::byte* DeviceBuffer::map() const {
  if (!handle_ || !device_->api().buffer_map) return nullptr;
  return static_cast<std::byte*>(device_->api().buffer_map(handle_));
}

Status DeviceBuffer::upload(std::uint64_t offset, const void* host, std::uint64_t bytes) const {
  return from_plugin(device_->api().buffer_copy(handle_, offset, const_cast<void*>(host), bytes, 1),
                     device_->plugin_name());
}

Status DeviceBuffer::download(std::uint64_t offset, void* host, std::uint64_t bytes) const {
  return from_plugin(device_->api().buffer_copy(handle_, offset, host, bytes, 0),
                     device_->plugin_name());
}

}  // namespace rdu::runtime
