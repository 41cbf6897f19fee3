// Objects of librdu that go by themselves, and its statuses as ours.
#pragma once

#include <rdu/rdu.h>

#include <memory>

#include "plugins/remote/node/status.hpp"

namespace rdu::remote::node {

template <auto kRelease>
struct Release {
  template <class T>
  void operator()(T* object) const {
    kRelease(object);
  }
};

using ContextHandle = std::unique_ptr<rdu_context, Release<rdu_context_destroy>>;
using DeviceHandle = std::unique_ptr<rdu_device, Release<rdu_device_close>>;
using ArtifactHandle = std::unique_ptr<rdu_artifact, Release<rdu_artifact_close>>;
using ProgramHandle = std::unique_ptr<rdu_program, Release<rdu_program_destroy>>;
using PlacementHandle = std::unique_ptr<rdu_placement, Release<rdu_placement_destroy>>;
using EventHandle = std::unique_ptr<rdu_event, Release<rdu_event_destroy>>;
using StateHandle = std::unique_ptr<rdu_state, Release<rdu_state_destroy>>;

// Destroys the status. `section` and the like are in its message already.
inline Status taken(rdu_status* status) {
  if (status == nullptr) return {};
  const Status failure(rdu_status_code(status), rdu_status_message(status));
  rdu_status_destroy(status);
  return failure;
}

template <class T>
T sized() {
  T value = {};
  value.header = RDU_HEADER(T);
  return value;
}

}  // namespace rdu::remote::node
