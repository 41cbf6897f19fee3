// Loaded at one peer at least before the host goes on; the others follow when they can.
#include <algorithm>
#include <cstddef>

#include "plugins/remote/client/device.hpp"
#include "plugins/remote/client/process.hpp"

namespace rdu::remote::client {

using plugin::fail;
using plugin::Result;
using plugin::Status;

Result<std::unique_ptr<Executable>> Executable::load(Fleet& fleet, ArtifactCache& cache,
                                                     const rdu_load& load) {
  const auto shipment = cache.find(load.source);
  if (!shipment.ok()) return shipment.status();
  const bool keeps_state =
      load.header.struct_size > offsetof(rdu_load, flags) && (load.flags & RDU_LOAD_STATE) != 0;
  auto executable = std::make_unique<Executable>(
      fleet, Program{*shipment, load.source.signature, load.source.variant, load.first_section,
                     load.end_section, !keeps_state});
  if (fleet.fallback() != nullptr) fleet.fallback()->know(executable->program_, load);
  if (Status status = executable->load_somewhere(load); !status.ok()) return status;
  return executable;
}

// A model may take long to upload and to compile for the device there: longer than a peer may be silent.
Status Executable::load_somewhere(const rdu_load& load) {
  const auto& peers = fleet_.peers();
  const auto until = fleet_.patience() + std::chrono::minutes(10);
  Status status;
  std::string said;
  if (fleet_.fallback() == nullptr) {
    const Result<Peer*> any = fleet_.wait_any(fleet_.patience());
    if (!any.ok()) return any.status();
  }
  bool loaded = false;
  for (const auto& peer : peers) {
    if (!loaded && peer->connection() != nullptr) {
      status = peer->load(program_, load, until);
      loaded = status.ok();
      if (!loaded) said += plugin::concat(said.empty() ? "" : "; ", status.message());
      if (!loaded && status.code() != RDU_ERR_WORKER_LOST) return fail(status.code(), said);
    }
    peer->load_later(program_, load);
  }
  if (loaded || fleet_.fallback() != nullptr) return {};
  return said.empty() ? fleet_.nobody_there() : fail(status.code(), said);
}

Executable::~Executable() {
  if (is_forked()) return;
  for (const auto& peer : fleet_.peers()) peer->forget(program_);
  if (fleet_.fallback() != nullptr) fleet_.fallback()->forget(program_);
}

// Tensors are sent from where they lie; what the model takes, it takes at the peer.
rdu_memory Executable::memory() const { return {RDU_HEADER(rdu_memory), 0, 0, 0}; }

std::shared_ptr<Run> Executable::start(const rdu_submission& submission) {
  std::optional<StateAt> state;
  if (RDU_HAS(&submission, state)) state = plugin::hosted<State>(submission.state).object->at();
  auto run = std::make_shared<Run>(fleet_, program_, submission, state);
  run->begin();
  return run;
}

}  // namespace rdu::remote::client
