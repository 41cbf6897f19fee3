// rdu_run, rdu_submit and rdu_event_*.
#include <rdu/run.h>

#include "sdk/src/api/handles.hpp"
#include "sdk/src/runtime/event.hpp"
#include "sdk/src/runtime/guard.hpp"

using rdu::runtime::Event;
using rdu::runtime::guarded;
using rdu::runtime::Run;
using rdu::runtime::Status;

extern "C" {

rdu_status* rdu_run(rdu_program* program, const rdu_run_args* args) {
  return guarded([&]() -> Status {
    RDU_REQUIRE(program);
    RDU_TRY(program->program->context().check_process());
    Run run(program->program);
    RDU_TRY(run.prepare(args));
    return run.finish();
  });
}

rdu_status* rdu_submit(rdu_program* program, const rdu_run_args* args, rdu_event** out_event) {
  return guarded([&]() -> Status {
    RDU_REQUIRE(program);
    RDU_REQUIRE(out_event);
    RDU_TRY(program->program->context().check_process());
    auto handle = std::make_unique<rdu_event>();
    handle->event = std::make_shared<Event>(program->program);
    RDU_TRY(handle->event->submit(args, handle.get()));
    *out_event = handle.release();
    return {};
  });
}

rdu_status* rdu_event_wait(rdu_event* event, uint64_t timeout_us, rdu_event_state* out_state) {
  return guarded([&]() -> Status {
    RDU_REQUIRE(event);
    RDU_REQUIRE(out_state);
    const std::shared_ptr<Event> keep = event->event;
    RDU_TRY(keep->context().check_process());
    *out_state = keep->wait(timeout_us);
    return {};
  });
}

rdu_event_state rdu_event_poll(const rdu_event* event) {
  if (!event) return RDU_EVENT_ERROR;
  const std::shared_ptr<Event> keep = event->event;
  return keep->context().forked() ? RDU_EVENT_ERROR : keep->poll();
}

rdu_status* rdu_event_get_result(const rdu_event* event) {
  return guarded([&]() -> Status {
    RDU_REQUIRE(event);
    RDU_TRY(event->event->context().check_process());
    return event->event->result();
  });
}

rdu_status* rdu_event_on_complete(rdu_event* event, rdu_complete_fn fn, void* user) {
  return guarded([&]() -> Status {
    RDU_REQUIRE(event);
    RDU_REQUIRE(reinterpret_cast<const void*>(fn));
    const std::shared_ptr<Event> keep = event->event;
    RDU_TRY(keep->context().check_process());
    return keep->on_complete(fn, user);
  });
}

void rdu_event_cancel(rdu_event* event) {
  if (!event || event->event->context().forked()) return;
  const std::shared_ptr<Event> keep = event->event;
  keep->cancel();
}

void rdu_event_destroy(rdu_event* event) {
  if (!event || event->event->context().forked()) return;
  const auto program = event->event->wait_for_release();
  delete event;
}

}  // extern "C"
