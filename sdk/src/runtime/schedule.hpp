// What a run of one variant does, decided at load: executables in order, copies between memories, and where every value
// that crosses a section's border lies.
#pragma once

#include <rdu/graph.h>

#include <cstdint>
#include <span>
#include <vector>

#include "sdk/src/runtime/status.hpp"

namespace rdu::runtime {

// The memory that a value's bytes are in. All devices that work on host pointers share space 0; a device with memory of
// its own is a space.
using Space = std::uint32_t;
inline constexpr Space kHostSpace = 0;

enum class Home : std::uint8_t {
  kArena,  // of its space, at `offset`
  kInput,  // the caller's tensor number `index`, or its aligned copy
  kOutput,
  kVariableRead,   // the state's variable number `index` as the run finds it
  kVariableWrite,  // as the run leaves it
  kDevice,         // with the device, which keeps the variables: nothing is bound
};

struct Place {
  Home home = Home::kArena;
  std::uint32_t index = 0;
  std::uint64_t offset = 0;
};

struct Binding {
  std::uint32_t value = 0;
  std::uint64_t bytes = 0;
  Place place;
  Place origin;  // where the host has the value
};

// One executable: sections [first_section, end_section) on one device.
struct Step {
  std::uint32_t device = 0;
  std::uint32_t first_section = 0;
  std::uint32_t end_section = 0;
  std::vector<Binding> bindings;  // ascending by value, places in the device's space
};

struct Action {
  enum class Kind : std::uint8_t { kExecute, kUpload, kDownload };
  Kind kind = Kind::kExecute;
  std::uint32_t step = 0;  // the one to execute, or to copy before
  Space space = 0;         // of a copy: the one that is not the host
  std::uint64_t bytes = 0;
  Place host;
  Place device;
};

// Copied after the last action: an output whose bytes are another sink's too.
struct Delivery {
  Place source;
  Place sink;
  std::uint64_t bytes = 0;
};

// A scalar that a run writes and that decides the shape of an output.
struct Extent {
  std::uint32_t output = 0;
  std::uint32_t dim = 0;
  Place place;
};

struct Schedule {
  std::vector<Step> steps;
  std::vector<Action> actions;
  std::vector<Delivery> deliveries;
  std::vector<Extent> extents;
  std::vector<std::uint64_t> arena_bytes;  // by space
  // The one space that uses an input or output, where a buffer of that space can stand in for the copy; else the host.
  std::vector<Space> input_space;
  std::vector<Space> output_space;
};

// Who has the variables of a run.
enum class VariableHome : std::uint8_t {
  kState,    // a state of the host
  kDevice,   // a state of the one device that uses them
  kTensors,  // the caller: they are among the inputs and outputs
};

// What the schedule is made from. `step_of` gives each portable section its step, ascending without gaps.
struct ScheduleInput {
  const rdu_graph& graph;
  std::span<const std::uint32_t> inputs;   // values, RDU_NONE where the graph does not use an input
  std::span<const std::uint32_t> outputs;  // values
  std::span<const std::uint32_t> step_of;
  std::span<const std::uint32_t> device_of_step;
  std::span<const std::uint8_t> is_payload;  // of a step; then its sections may run at once
  std::span<const Space> space_of_device;
  Space num_spaces = 1;
  std::uint64_t alignment = 64;
  VariableHome variables = VariableHome::kState;
};

Status make_schedule(const ScheduleInput& input, Schedule& out);

}  // namespace rdu::runtime
