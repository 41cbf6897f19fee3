// Objects of librdu that go by themselves, as in its veneer, and its statuses as ours: nothing here throws.
#pragma once

#include <rdu/rdu.h>

#include <rdu/app/error.hpp>

#include "plugins/remote/node/status.hpp"

namespace rdu::remote::node {

using detail::sized;

using ContextHandle = detail::Handle<rdu_context, rdu_context_destroy>;
using DeviceHandle = detail::Handle<rdu_device, rdu_device_close>;
using BufferHandle = detail::Handle<rdu_buffer, rdu_buffer_destroy>;
using ArtifactHandle = detail::Handle<rdu_artifact, rdu_artifact_close>;
using ProgramHandle = detail::Handle<rdu_program, rdu_program_destroy>;
using PlacementHandle = detail::Handle<rdu_placement, rdu_placement_destroy>;
using EventHandle = detail::Handle<rdu_event, rdu_event_destroy>;
using StateHandle = detail::Handle<rdu_state, rdu_state_destroy>;

// Destroys the status. `section` and the like are in its message already.
inline Status taken(rdu_status* status) {
  if (status == nullptr) return {};
  const Status failure(rdu_status_code(status), rdu_status_message(status));
  rdu_status_destroy(status);
  return failure;
}

}  // namespace rdu::remote::node
