// What the opaque types of the C interface hold.
#pragma once

#include <rdu/types.h>

#include <memory>

#include "sdk/src/runtime/placement.hpp"

namespace rdu::runtime {
class Buffer;
class Event;
class Program;
class State;
}  // namespace rdu::runtime

struct rdu_context {
  std::shared_ptr<rdu::runtime::Context> context;
};

struct rdu_device {
  std::shared_ptr<rdu::runtime::Device> device;
};

struct rdu_buffer {
  std::unique_ptr<rdu::runtime::Buffer> buffer;
};

struct rdu_artifact {
  std::shared_ptr<rdu::runtime::Artifact> artifact;
};

struct rdu_placement {
  std::shared_ptr<const rdu::runtime::Placement> placement;
};

// With what it lends out.
struct rdu_program {
  std::shared_ptr<rdu::runtime::Program> program;
  rdu_artifact artifact;
  rdu_placement placement;
};

struct rdu_event {
  std::shared_ptr<rdu::runtime::Event> event;
};

struct rdu_state {
  std::unique_ptr<rdu::runtime::State> state;
};
