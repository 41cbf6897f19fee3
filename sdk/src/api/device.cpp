// rdu_device_*: opening, closing and describing devices.
#include "sdk/src/runtime/device.hpp"

#include <rdu/device.h>

#include "sdk/src/api/handles.hpp"
#include "sdk/src/runtime/guard.hpp"
#include "sdk/src/runtime/sized.hpp"

using rdu::runtime::Context;
using rdu::runtime::Device;
using rdu::runtime::guarded;
using rdu::runtime::Status;

namespace {

using rdu::runtime::plugin::Plugin;

Status visit_devices(const Plugin& plugin, rdu_device_visit_fn visit, void* user) {
  if (!plugin.api().devices) return {};
  rdu_array entries{};
  RDU_TRY(
      rdu::runtime::from_plugin(plugin.api().devices(plugin.api().self, &entries), plugin.name()));
  for (uint32_t i = 0; i < entries.count; ++i) {
    const rdu_device_entry& entry = *RDU_AT(rdu_device_entry, entries, i);
    rdu_device_info info{};
    info.header = RDU_HEADER(rdu_device_info);
    info.uri = entry.uri;
    info.name = entry.description ? entry.description : "";
    info.plugin = plugin.name().c_str();
    info.target = "";
    visit(user, &info);
  }
  return {};
}

}  // namespace

extern "C" {

rdu_status* rdu_device_enumerate(rdu_context* context, rdu_device_visit_fn visit, void* user) {
  return guarded([&]() -> Status {
    RDU_REQUIRE(context);
    RDU_REQUIRE(reinterpret_cast<const void*>(visit));
    Context& shared = *context->context;
    RDU_TRY(shared.check_process());
    for (const auto& entry : shared.plugins().all()) {
      if (!entry.plugin) {
        shared.logger().write(RDU_LOG_WARNING, entry.refusal.message());
        continue;
      }
      const Status status = visit_devices(*entry.plugin, visit, user);
      if (!status.ok()) shared.logger().write(RDU_LOG_WARNING, status.message());
    }
    return {};
  });
}

rdu_status* rdu_device_open(rdu_context* context, const char* uri, rdu_device** out_device) {
  return guarded([&]() -> Status {
    RDU_REQUIRE(context);
    RDU_REQUIRE(uri);
    RDU_REQUIRE(out_device);
    RDU_TRY(context->context->check_process());
    auto handle = std::make_unique<rdu_device>();
    RDU_TRY(Device::open(context->context, uri, handle->device));
    *out_device = handle.release();
    return {};
  });
}

void rdu_device_close(rdu_device* device) {
  if (!device || device->device->context().forked()) return;
  delete device;
}

rdu_status* rdu_device_get_info(const rdu_device* device, rdu_device_info* out_info) {
  return guarded([&]() -> Status {
    RDU_REQUIRE(device);
    return rdu::runtime::write_sized(device->device->info(), "rdu_device_info", out_info);
  });
}

}  // extern "C"
