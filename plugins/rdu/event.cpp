// The driver's run as an event of the plugin ABI.
#include "plugins/rdu/event.hpp"

#include <limits>
#include <rdu/plugin.hpp>

#include "plugins/rdu/executable.hpp"

namespace rdu::chip_plugin {

using plugin::hosted;
using plugin::Hosted;
using plugin::Result;
using plugin::Status;

std::optional<Status> Event::wait(std::uint64_t timeout_ns) {
  std::uint32_t done = 0;
  rdu_hw_error error = {};
  const rdu_hw_code code = rdu_hw_run_wait(run_.get(), timeout_ns, &done, &error);
  if (done == 0 && code == RDU_HW_OK) return std::nullopt;
  const std::lock_guard lock(mutex_);
  if (!status_) {
    status_ = code == RDU_HW_OK ? executable_.finish(run_, addresses_, begin_ns_)
                                : status_of(code, error);
    turn_.give_back();
  }
  return status_;
}

namespace {

rdu_status* submit(rdu_plugin_executable* handle, const rdu_submission* submission,
                   rdu_plugin_event** out_event) {
  const Hosted<Executable>& loaded = hosted<Executable>(handle);
  *out_event = nullptr;
  return plugin::guard(loaded.host, [&]() -> Status {
    for (rdu_plugin_event* before : plugin::View<rdu_plugin_event*>(submission->waits)) {
      hosted<Event>(before).object->wait(std::numeric_limits<std::uint64_t>::max());
    }
    Result<std::unique_ptr<Event>> event = loaded.object->start(*submission);
    if (!event.ok()) return event.status();
    *out_event =
        reinterpret_cast<rdu_plugin_event*>(new Hosted<Event>{loaded.host, std::move(*event)});
    return {};
  });
}

rdu_status* wait(rdu_plugin_event* handle, std::uint64_t timeout_ns, std::uint32_t* out_done) {
  const Hosted<Event>& event = hosted<Event>(handle);
  return plugin::guard(event.host, [&] {
    const std::optional<Status> status = event.object->wait(timeout_ns);
    *out_done = status.has_value();
    return status.value_or(Status());
  });
}

void cancel(rdu_plugin_event* handle) { hosted<Event>(handle).object->cancel(); }

void release(rdu_plugin_event* handle) { delete &hosted<Event>(handle); }

}  // namespace

void add_event_entries(rdu_plugin_api& api) {
  api.submit = submit;
  api.event_wait = wait;
  api.event_cancel = cancel;
  api.event_release = release;
}

}  // namespace rdu::chip_plugin
