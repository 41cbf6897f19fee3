// The plugin's export, and its runs as events of the plugin ABI.
#include "plugins/remote/client/device.hpp"
#include "plugins/remote/client/process.hpp"

namespace rdu::remote::client {

using plugin::Hosted;
using plugin::hosted;
using plugin::Status;

namespace {

struct Event {
  std::shared_ptr<Run> run;
};

Event& event_of(rdu_plugin_event* handle) { return *hosted<Event>(handle).object; }

rdu_status* submit(rdu_plugin_executable* handle, const rdu_submission* submission,
                   rdu_plugin_event** out_event) {
  const Hosted<Executable>& loaded = hosted<Executable>(handle);
  *out_event = nullptr;
  return plugin::guard(loaded.host, [&]() -> Status {
    if (Status status = check_process(); !status.ok()) return status;
    for (rdu_plugin_event* before : plugin::View<rdu_plugin_event*>(submission->waits)) {
      static_cast<void>(event_of(before).run->wait(UINT64_MAX));
    }
    auto event = std::make_unique<Event>(Event{loaded.object->start(*submission)});
    *out_event =
        reinterpret_cast<rdu_plugin_event*>(new Hosted<Event>{loaded.host, std::move(event)});
    return {};
  });
}

rdu_status* wait(rdu_plugin_event* handle, std::uint64_t timeout_ns, std::uint32_t* out_done) {
  *out_done = 0;
  return plugin::guard(hosted<Event>(handle).host, [&]() -> Status {
    if (Status status = check_process(); !status.ok()) return status;
    const std::optional<Status> ended = event_of(handle).run->wait(timeout_ns);
    *out_done = ended.has_value();
    return ended.value_or(Status());
  });
}

void cancel(rdu_plugin_event* handle) {
  if (!is_forked()) event_of(handle).run->cancel();
}

rdu_status* on_complete(rdu_plugin_event* handle, rdu_event_fn fn, void* user) {
  return plugin::guard(hosted<Event>(handle).host, [&]() -> Status {
    if (Status status = check_process(); !status.ok()) return status;
    // The callback may release the event.
    const std::shared_ptr<Run> run = event_of(handle).run;
    run->on_complete(fn, user);
    return {};
  });
}

void release(rdu_plugin_event* handle) { delete &hosted<Event>(handle); }

}  // namespace

void Device::add_events(rdu_plugin_api& api) {
  api.submit = submit;
  api.event_wait = wait;
  api.event_cancel = cancel;
  api.event_on_complete = on_complete;
  api.event_release = release;
}

}  // namespace rdu::remote::client

RDU_PLUGIN_EXPORT(rdu::remote::client::Device)
