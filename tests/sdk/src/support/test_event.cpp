// Waits, cancels and calls back as the plugin ABI asks.
#include "tests/sdk/src/support/test_event.hpp"

#include <rdu/status.h>

#include <atomic>
#include <chrono>
#include <utility>

namespace rdu::test {
namespace {

std::atomic<int> num_events;

rdu_status* wait(rdu_plugin_event* handle, std::uint64_t timeout_ns, std::uint32_t* out_done) {
  TestEvent& event = *reinterpret_cast<TestEvent*>(handle);
  std::unique_lock lock(event.mutex);
  const auto done = [&] { return event.done; };
  if (timeout_ns == UINT64_MAX) {
    event.changed.wait(lock, done);
  } else {
    event.changed.wait_for(lock, std::chrono::nanoseconds(timeout_ns), done);
  }
  *out_done = event.done;
  return event.done ? std::exchange(event.status, nullptr) : nullptr;
}

void cancel(rdu_plugin_event* handle) {
  TestEvent& event = *reinterpret_cast<TestEvent*>(handle);
  {
    const std::lock_guard lock(event.mutex);
    event.cancelled = true;
  }
  event.changed.notify_all();
}

rdu_status* on_complete(rdu_plugin_event* handle, rdu_event_fn fn, void* user) {
  TestEvent& event = *reinterpret_cast<TestEvent*>(handle);
  if (event.blind) {
    return event.host->make_status(event.host, RDU_ERR_UNSUPPORTED,
                                   "the device does not call back");
  }
  {
    const std::lock_guard lock(event.mutex);
    event.fn = fn;
    event.user = user;
    if (!event.done) return nullptr;
  }
  fn(user, event.status);
  return nullptr;
}

void release(rdu_plugin_event* handle) {
  auto* event = reinterpret_cast<TestEvent*>(handle);
  event->worker.join();
  rdu_status_destroy(event->status);
  --num_events;
  delete event;
}

}  // namespace

TestEvent* make_event() {
  ++num_events;
  return new TestEvent{};
}

void finish(TestEvent& event, rdu_status* status) {
  rdu_event_fn fn;
  {
    const std::lock_guard lock(event.mutex);
    event.status = status;
    event.done = true;
    fn = event.fn;
  }
  event.changed.notify_all();
  if (fn) fn(event.user, status);
}

void add_events(rdu_plugin_api& api) {
  api.event_wait = wait;
  api.event_cancel = cancel;
  api.event_on_complete = on_complete;
  api.event_release = release;
}

int events_alive() { return num_events; }

}  // namespace rdu::test
