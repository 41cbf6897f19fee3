// The events of the asynchronous devices of the tests: a thread each.
#pragma once

#include <rdu/plugin.h>

#include <condition_variable>
#include <mutex>
#include <thread>

namespace rdu::test {

struct TestEvent {
  const rdu_host_api* host = nullptr;
  bool blind = false;  // no on_complete
  std::thread worker;
  std::mutex mutex;
  std::condition_variable changed;
  bool done = false, cancelled = false;
  rdu_status* status = nullptr;
  rdu_event_fn fn = nullptr;
  void* user = nullptr;
};

TestEvent* make_event();
// By the worker, at its end.
void finish(TestEvent& event, rdu_status* status);

// wait, cancel, on_complete and release.
void add_events(rdu_plugin_api& api);

int events_alive();

}  // namespace rdu::test
