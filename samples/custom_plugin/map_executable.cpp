// At load everything is laid out once: slots, kernels, scratch. A run fills in pointers and walks the kernels.
#include "map_executable.hpp"

#include <algorithm>
#include <set>

namespace mapper {

namespace plugin = rdu::plugin;

// A submission brings what any of the sections reads from or writes for outside itself, in ascending order of value.
void MapExecutable::add_bound_slots(plugin::Graph graph, const rdu_load& load) {
  std::set<std::uint32_t> bound;
  for (std::uint32_t s = load.first_section; s < load.end_section; ++s) {
    const rdu_section& section = graph.sections()[s];
    for (std::uint32_t value : graph.inputs(section)) bound.insert(value);
    for (std::uint32_t value : graph.outputs(section)) bound.insert(value);
  }
  for (std::uint32_t value : bound) slots_.push_back({value, nullptr, 0});
  num_bound_ = static_cast<std::uint32_t>(slots_.size());
}

std::uint64_t MapExecutable::reserve_scratch(std::uint64_t bytes) {
  const std::uint64_t offset = scratch_bytes_;
  scratch_bytes_ += (bytes + 63) / 64 * 64;
  return offset;
}

std::uint32_t MapExecutable::slot_of(plugin::Graph graph, std::uint32_t value) {
  const std::uint32_t storage = graph.storage(value);
  const auto found = std::find_if(slots_.begin(), slots_.end(),
                                  [storage](const Slot& slot) { return slot.value == storage; });
  const auto number = static_cast<std::uint32_t>(found - slots_.begin());
  if (found == slots_.end()) {
    const rdu_value& owner = graph.value(storage);
    const std::uint64_t offset = owner.data == nullptr ? reserve_scratch(owner.bytes) : 0;
    slots_.push_back({storage, owner.data, offset});
  }
  return number;
}

MapExecutable::MapExecutable(const rdu_load& load) {
  const plugin::Graph graph(load.graph);
  add_bound_slots(graph, load);
  std::uint64_t registers = 0;
  for (std::uint32_t s = load.first_section; s < load.end_section; ++s) {
    for (const rdu_node& node : graph.nodes(graph.sections()[s])) {
      kernels_.emplace_back(graph, node,
                            [&](std::uint32_t value) { return slot_of(graph, value); });
      registers = std::max(registers, kernels_.back().num_registers());
    }
  }
  registers_offset_ = reserve_scratch(registers * kLanes * sizeof(float));
  pointers_offset_ = reserve_scratch(slots_.size() * sizeof(float*));
}

rdu_memory MapExecutable::memory() const {
  rdu_memory memory{};
  memory.header = RDU_HEADER(rdu_memory);
  memory.per_run = scratch_bytes_;
  return memory;
}

plugin::Status MapExecutable::run(const rdu_submission& submission) const {
  const plugin::View<rdu_binding> bindings(submission.bindings);
  if (bindings.size() != num_bound_) {
    return plugin::fail(RDU_ERR_PLUGIN, "submission has ", bindings.size(), " bindings, expected ",
                        num_bound_);
  }
  char* scratch = static_cast<char*>(submission.scratch);
  auto** pointers = reinterpret_cast<float**>(scratch + pointers_offset_);
  for (std::uint32_t i = 0; i < slots_.size(); ++i) {
    const Slot& slot = slots_[i];
    if (i < num_bound_) {
      if (bindings[i].value != slot.value) {
        return plugin::fail(RDU_ERR_PLUGIN, "binding ", i, " is value ", bindings[i].value,
                            ", expected ", slot.value);
      }
      pointers[i] = static_cast<float*>(bindings[i].data);
    } else if (slot.constant != nullptr) {
      pointers[i] = static_cast<float*>(const_cast<void*>(slot.constant));  // kernels only read it
    } else {
      pointers[i] = reinterpret_cast<float*>(scratch + slot.scratch_offset);
    }
  }
  auto* registers = reinterpret_cast<float*>(scratch + registers_offset_);
  for (const MapKernel& kernel : kernels_) kernel.run(pointers, registers);
  return {};
}

}  // namespace mapper
