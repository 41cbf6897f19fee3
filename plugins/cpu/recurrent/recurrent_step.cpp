// A recurrent layer as one step: weights packed by blocks of units, the state read from where the step before wrote it.
#include "plugins/cpu/recurrent/recurrent_step.hpp"

#include <algorithm>
#include <cstring>

#include "plugins/cpu/access/integer.hpp"
#include "plugins/cpu/contract/packed_memory.hpp"
#include "plugins/cpu/contract/share.hpp"
#include "plugins/cpu/recurrent/cell.hpp"
#include "plugins/cpu/steps/subgraph.hpp"

namespace rdu::cpu {
namespace {

constexpr std::int64_t kUnits = 16;  // of a block

// How the scan hands values to the cell and takes them back.
struct Ports {
  Place input{}, hidden{}, state{};            // before the first step
  Place stack{}, last_hidden{}, last_state{};  // none where nobody wants them
  std::int64_t stack_steps = 0, input_steps = 0, input_columns = 0;
  bool input_reversed = false, stack_reversed = false;
  std::uint32_t slices = 0, stacks = 0, carried = 0;
};

class PortReader {
 public:
  PortReader(const BuildContext& context, const RecurrentCell& cell)
      : context_(context), cell_(cell) {}

  std::optional<Ports> read(plugin::View<rdu_port> ports) {
    for (const rdu_port& port : ports) {
      if (!take(port)) return {};
    }
    const bool all = ports_.slices == 1 && ports_.stacks <= 1 &&
                     ports_.carried == (cell_.lstm ? 2u : 1u) && !ports_.hidden.none() &&
                     (!cell_.lstm || !ports_.state.none());
    return all ? std::optional(ports_) : std::nullopt;
  }

 private:
  std::uint32_t storage(std::uint32_t value) const {
    return value == RDU_NONE ? RDU_NONE : context_.graph.storage(value);
  }
  Place place(std::uint32_t value) const {
    return value == RDU_NONE ? Place{} : context_.places.place_of(value);
  }

  bool take(const rdu_port& port) {
    switch (port.kind) {
      case RDU_PORT_SLICE:
        return take_slice(port);
      case RDU_PORT_STACK:
        return take_stack(port);
      case RDU_PORT_CARRIED:
        return take_carried(port);
      default:
        return false;
    }
  }

  bool take_slice(const rdu_port& port) {
    const rdu_value& whole = context_.graph.value(port.outer);
    const bool fits = port.axis == 0 && whole.dtype == RDU_DTYPE_F32 &&
                      whole.dim_values[0] == RDU_NONE && storage(port.inner_in) == cell_.input;
    ports_.input = place(port.outer);
    ports_.input_reversed = port.reverse != 0;
    ports_.input_steps = whole.dims[0];
    ports_.input_columns =
        static_cast<std::int64_t>(context_.graph.value(port.inner_in).bytes / sizeof(float)) /
        cell_.rows;
    ++ports_.slices;
    return fits;
  }

  bool take_stack(const rdu_port& port) {
    if (port.result == RDU_NONE) return true;
    const rdu_value& whole = context_.graph.value(port.result);
    ports_.stack = place(port.result);
    ports_.stack_reversed = port.reverse != 0;
    ports_.stack_steps = whole.dims[0];
    ++ports_.stacks;
    return port.axis == 0 && whole.dtype == RDU_DTYPE_F32 && whole.dim_values[0] == RDU_NONE &&
           storage(port.inner_out) == cell_.next_hidden;
  }

  bool take_carried(const rdu_port& port) {
    const bool hidden = storage(port.inner_in) == cell_.hidden;
    (hidden ? ports_.hidden : ports_.state) = place(port.outer);
    (hidden ? ports_.last_hidden : ports_.last_state) = place(port.result);
    ++ports_.carried;
    return hidden ? storage(port.inner_out) == cell_.next_hidden
                  : cell_.lstm && storage(port.inner_in) == cell_.state &&
                        storage(port.inner_out) == cell_.next_state;
  }

  const BuildContext& context_;
  const RecurrentCell& cell_;
  Ports ports_;
};

class RecurrentLayerStep : public Step {
 public:
  RecurrentLayerStep(const BuildContext& context, const RecurrentCell& cell, const Ports& ports,
                     std::int64_t trips)
      : kernels_(context.kernels),
        ports_(ports),
        step_fn_(cell.lstm ? kernels_.recurrent.lstm : kernels_.recurrent.gru),
        trips_(trips),
        blocks_(ceil_div(cell.units, kUnits)),
        gates_(cell.num_gates()) {
    shape_.rows = static_cast<std::size_t>(cell.rows);
    shape_.units = static_cast<std::size_t>(cell.units);
    shape_.input_step = ports.input_columns;
    for (std::uint32_t g = 0; g < gates_; ++g) shape_.gate_input[g] = cell.gates[g].input;
    pack(context, cell);
    tasks_ = std::min(tasks_for_bytes(weight_bytes()), blocks_);
  }

  plugin::Status run(const Run& run) const override {
    RecurrentStep step = shape_;
    const std::size_t elements = step.rows * step.units, bytes = elements * sizeof(float);
    auto* room = reinterpret_cast<float*>(run.scratch + temporary_);
    step.hidden = floats(run, ports_.hidden);
    step.state = ports_.state.none() ? nullptr : floats(run, ports_.state);
    step.next_state =
        ports_.last_state.none() ? room + 2 * elements : floats(run, ports_.last_state);
    const float* input = floats(run, ports_.input);
    for (std::int64_t i = 0; i < trips_; ++i) {
      if (plugin::Status status = may_begin(run, name); !status.ok()) return status;
      const std::int64_t at = ports_.input_reversed ? ports_.input_steps - 1 - i : i;
      step.input = input + at * static_cast<std::int64_t>(step.rows) * step.input_step;
      step.next_hidden = next_hidden(run, i, elements, room);
      run_blocks(run, step);
      step.hidden = step.next_hidden;
      step.state = step.next_state;
    }
    if (!ports_.last_hidden.none()) {
      std::memmove(run.at(ports_.last_hidden), step.hidden, bytes);
    }
    return {};
  }

  std::uint64_t temporary_bytes() const override { return 3 * shape_.rows * shape_.units * 4; }
  void place_temporary(std::uint64_t offset) override { temporary_ = offset; }
  std::uint64_t resident_bytes() const override { return weight_bytes(); }
  bool parallel() const override { return tasks_ > 1; }

 private:
  static float* floats(const Run& run, Place place) {
    return reinterpret_cast<float*>(run.at(place));
  }

  std::uint64_t weight_bytes() const {
    return static_cast<std::uint64_t>(blocks_ * gates_ * kUnits) * shape_.units * sizeof(float);
  }

  // Steps of a stack are where they belong; without one two places take turns.
  float* next_hidden(const Run& run, std::int64_t i, std::size_t elements, float* room) const {
    if (ports_.stack.none()) return room + static_cast<std::size_t>(i % 2) * elements;
    const std::int64_t at = ports_.stack_reversed ? ports_.stack_steps - 1 - i : i;
    return floats(run, ports_.stack) + static_cast<std::size_t>(at) * elements;
  }

  void run_blocks(const Run& run, const RecurrentStep& step) const {
    if (tasks_ == 1) return step_fn_(step, 0, static_cast<std::size_t>(blocks_));
    for_each_task(run, tasks_, [&](std::int64_t task, std::byte*) {
      step_fn_(step, static_cast<std::size_t>(share(blocks_, task, tasks_)),
               static_cast<std::size_t>(share(blocks_, task + 1, tasks_)));
    });
  }

  void pack(const BuildContext& context, const RecurrentCell& cell) {
    const auto padded = static_cast<std::uint64_t>(blocks_ * kUnits);
    const std::uint64_t weights = weight_bytes() / sizeof(float);
    const PackedLayout layout = layout_of("recurrent", {blocks_, gates_, kUnits, cell.units});
    shape_.weights =
        context.packed->pack_floats(layout, static_cast<std::int64_t>(weights + padded),
                                    [&](float* packed) { fill(cell, padded, packed); });
    shape_.bias = shape_.weights + weights;
  }

  void fill(const RecurrentCell& cell, std::uint64_t padded, float* packed) const {
    for (std::int64_t block = 0; block < blocks_; ++block) {
      for (std::int64_t k = 0; k < cell.units; ++k) {
        for (std::uint32_t g = 0; g < gates_; ++g, packed += kUnits) {
          pack_units(cell.gates[g], block * kUnits, cell.units, k, packed);
        }
      }
    }
    const float* bias = cell.gates[gates_ - 1].bias;
    std::memset(packed, 0, padded * sizeof(float));
    if (bias != nullptr) std::memcpy(packed, bias, shape_.units * sizeof(float));
  }

  static void pack_units(const RecurrentGate& gate, std::int64_t first, std::int64_t units,
                         std::int64_t k, float* packed) {
    for (std::int64_t u = 0; u < kUnits; ++u) {
      const std::int64_t at = (first + u) * gate.unit_step + k * gate.hidden_step;
      packed[u] = first + u < units ? gate.weights[at] : 0.0f;
    }
  }

  const Kernels& kernels_;
  const Ports ports_;
  const RecurrentStepFn step_fn_;
  const std::int64_t trips_, blocks_;
  const std::uint32_t gates_;
  RecurrentStep shape_{};
  std::int64_t tasks_ = 1;
  std::uint64_t temporary_ = 0;
};

}  // namespace

std::unique_ptr<Step> make_recurrent_step(const BuildContext& context, const rdu_node& node) {
  const auto loops = context.graph.loops(node);
  if (node.condition != RDU_NONE || loops.size() != 1 || loops[0].extent_value != RDU_NONE) {
    return nullptr;
  }
  const auto cell = match_recurrent_cell(context, context.graph.graphs()[node.graphs[0]]);
  if (!cell) return nullptr;
  const auto ports = PortReader(context, *cell).read(context.graph.ports(node));
  const std::int64_t trips = loops[0].extent;
  const bool room =
      ports && trips <= ports->input_steps && (ports->stack.none() || trips <= ports->stack_steps);
  if (!room) return nullptr;
  return std::make_unique<RecurrentLayerStep>(context, *cell, *ports, trips);
}

}  // namespace rdu::cpu
