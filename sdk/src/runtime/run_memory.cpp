// Binds a call: uses the caller's memory where it can, copies where it must.
#include "sdk/src/runtime/run_memory.hpp"

#include <algorithm>
#include <cstring>

#include "sdk/artifact/view.hpp"
#include "sdk/src/api/handles.hpp"
#include "sdk/src/runtime/buffer.hpp"
#include "sdk/src/runtime/sized.hpp"
#include "sdk/src/runtime/tensor_copy.hpp"

namespace rdu::runtime {
namespace {

void raise_to(std::atomic<std::uint64_t>& peak, std::uint64_t value) {
  std::uint64_t seen = peak.load(std::memory_order_relaxed);
  while (seen < value && !peak.compare_exchange_weak(seen, value, std::memory_order_relaxed)) {
  }
}

bool is_bounded(const TensorSpec& spec) {
  return std::ranges::find(spec.bounded, 1) != spec.bounded.end();
}

// What a graph may point to when it has no bytes.
alignas(4096) std::byte empty_value[1];

}  // namespace

Status RunMemory::make(Program& program, std::unique_ptr<RunMemory>& out) {
  auto memory = std::make_unique<RunMemory>(program);
  const Spaces& spaces = program.spaces();
  ProgramCounters& counters = program.counters();
  counters.run_memories.fetch_add(1, std::memory_order_relaxed);
  RDU_TRY(memory->host_.allocate(program.context().allocator(),
                                 spaces.arena_bytes[kHostSpace] + program.scratch_bytes(),
                                 "run memory", program.alignment()));
  memory->arenas_.resize(spaces.owner.size());
  std::uint64_t bytes = spaces.arena_bytes[kHostSpace];
  for (Space space = 1; space < spaces.owner.size(); ++space) {
    if (spaces.arena_bytes[space] == 0) continue;
    RDU_TRY(DeviceBuffer::allocate(*spaces.owner[space], spaces.arena_bytes[space],
                                   memory->arenas_[space]));
    bytes += spaces.arena_bytes[space];
  }
  raise_to(counters.peak_arena_bytes, counters.arena_bytes.fetch_add(bytes) + bytes);
  memory->counted_bytes_ = bytes;
  out = std::move(memory);
  return {};
}

RunMemory::~RunMemory() {
  clear();
  program_.counters().arena_bytes.fetch_sub(counted_bytes_);
  program_.counters().run_memories.fetch_sub(1, std::memory_order_relaxed);
}

void* RunMemory::scratch() const {
  return host_.data() ? host_.data() + program_.spaces().arena_bytes[kHostSpace] : nullptr;
}

bool RunMemory::usable_in_place(const void* data) const {
  return reinterpret_cast<std::uintptr_t>(data) % program_.alignment() == 0;
}

Status RunMemory::bind(const State* state) {
  const VariantSpec& variant = spec();
  RDU_TRY(check_memory(variant, call_));
  inputs_.assign(variant.inputs.size(), nullptr);
  outputs_.assign(variant.outputs.size(), nullptr);
  made_.assign(variant.outputs.size(), nullptr);
  inputs_on_device_.assign(variant.inputs.size(), 0);
  outputs_on_device_.assign(variant.outputs.size(), 0);
  input_copies_.resize(std::max(input_copies_.size(), variant.inputs.size()));
  output_copies_.resize(std::max(output_copies_.size(), variant.outputs.size()));
  for (std::uint32_t i = 0; i < variant.inputs.size(); ++i) RDU_TRY(bind_input(i));
  for (std::uint32_t j = 0; j < variant.outputs.size(); ++j) RDU_TRY(bind_output(j));
  RDU_TRY(bind_variables(state));
  fill_bindings();
  return {};
}

bool RunMemory::usable_on_device(const rdu_tensor& tensor, Space space) const {
  return tensor.buffer && space != kHostSpace && is_row_major(tensor) &&
         &tensor.buffer->buffer->device() == program_.spaces().owner[space].get() &&
         tensor.offset_bytes % program_.alignment() == 0;
}

// The tensor whose buffer stands for the value at `place`; NULL: none does.
const rdu_tensor* RunMemory::on_device(const Place& place) const {
  if (place.home == Home::kInput && inputs_on_device_[place.index]) {
    return &call_.inputs[place.index];
  }
  if (place.home == Home::kOutput && outputs_on_device_[place.index]) {
    return &call_.outputs[place.index];
  }
  return nullptr;
}

// Grows a block that later runs use again, and counts it.
Status RunMemory::stage(Block& block, std::uint64_t bytes, const char* what) {
  if (block.bytes() >= bytes) return {};
  ProgramCounters& counters = program_.counters();
  counters.arena_bytes.fetch_sub(block.bytes());
  counted_bytes_ -= block.bytes();
  RDU_TRY(block.allocate(program_.context().allocator(), bytes, what, program_.alignment()));
  counted_bytes_ += bytes;
  raise_to(counters.peak_arena_bytes, counters.arena_bytes.fetch_add(bytes) + bytes);
  return {};
}

Status RunMemory::bind_input(std::uint32_t i) {
  const TensorSpec& wanted = spec().inputs[i];
  const rdu_tensor& tensor = call_.inputs[i];
  if (wanted.value == RDU_NONE) return {};
  if (wanted.bytes == 0) {
    inputs_[i] = empty_value;
    return {};
  }
  RDU_TRY(host_pointer(tensor, wanted.bytes, inputs_[i]));
  inputs_on_device_[i] =
      !wanted.in_place && usable_on_device(tensor, loaded().schedule.input_space[i]);
  if (inputs_on_device_[i]) return {};
  const bool usable = inputs_[i] && is_row_major(tensor) && usable_in_place(inputs_[i]);
  if (usable && !wanted.in_place) return {};
  RDU_TRY(stage(input_copies_[i], wanted.bytes, "an input's copy"));
  program_.counters().copied_bytes.fetch_add(wanted.bytes, std::memory_order_relaxed);
  inputs_[i] = input_copies_[i].data();
  return gather_input(tensor, wanted.bytes, inputs_[i]);
}

Status RunMemory::bind_output(std::uint32_t j) {
  const TensorSpec& wanted = spec().outputs[j];
  const rdu_tensor& tensor = call_.outputs[j];
  if (call_.delivery[j]) {
    RDU_TRY(host_pointer(tensor, wanted.bytes, outputs_[j]));
    outputs_on_device_[j] = wanted.bytes > 0 && !is_bounded(wanted) &&
                            usable_on_device(tensor, loaded().schedule.output_space[j]);
    if (outputs_on_device_[j]) return {};
  }
  if (call_.delivery[j] && !tensor.data && !tensor.buffer) {
    RDU_TRY(OutputBlock::allocate(program_.artifact()->shared_context(), wanted.bytes,
                                  program_.alignment(), made_[j]));
    outputs_[j] = made_[j]->data();
  } else if (wanted.bytes == 0) {
    outputs_[j] = empty_value;
  } else if (!outputs_[j] || !usable_in_place(outputs_[j])) {
    RDU_TRY(stage(output_copies_[j], wanted.bytes, "an output's copy"));
    outputs_[j] = output_copies_[j].data();
  }
  return {};
}

Status RunMemory::bind_variables(const State* state) {
  const std::size_t count = spec().variables.size();
  if ((count > 0) != (state != nullptr)) {
    return fail(RDU_ERR_INVALID_ARGUMENT, "signature '", program_.signature(call_.signature).name,
                count > 0 ? "' has variables: the run needs a state"
                          : "' has no variables: the run takes no state");
  }
  if (state && state->on_device()) return {};
  reads_.resize(count);
  writes_.resize(count);
  for (std::uint32_t k = 0; k < count; ++k) {
    const auto& variable = artifact::at<rdu_variable>(spec().graph->variables, k);
    const std::uint64_t bytes = spec().variables[k].bytes;
    reads_[k] = bytes ? state->current(k) : empty_value;
    writes_[k] = bytes ? state->next(k) : empty_value;
    // Updated in place, but a run that fails must leave the state as it was. What grows has one buffer, and a run that
    // fails has touched nothing below its length.
    if (variable.read == variable.write && writes_[k] != reads_[k]) {
      std::memcpy(writes_[k], reads_[k], bytes);
    }
  }
  return {};
}

std::byte* RunMemory::address(const Place& place) const {
  switch (place.home) {
    case Home::kArena:
      return host_.data() ? host_.data() + place.offset : empty_value;
    case Home::kInput:
      return inputs_[place.index];
    case Home::kOutput:
      return outputs_[place.index];
    case Home::kVariableRead:
      return reads_[place.index];
    case Home::kVariableWrite:
    case Home::kDevice:
      break;
  }
  return writes_[place.index];
}

rdu_binding RunMemory::bound(const Binding& binding, Space space) const {
  rdu_binding bound{};
  bound.value = binding.value;
  bound.bytes = binding.bytes;
  if (binding.place.home == Home::kDevice) return bound;
  if (space == kHostSpace) {
    bound.data = address(binding.place);
    return bound;
  }
  const rdu_tensor* direct = on_device(binding.origin);
  bound.buffer = direct ? direct->buffer->buffer->handle() : arenas_[space].handle();
  bound.offset = direct ? direct->offset_bytes : binding.place.offset;
  return bound;
}

void RunMemory::fill_bindings() {
  const Schedule& schedule = loaded().schedule;
  bindings_.resize(std::max(bindings_.size(), schedule.steps.size()));
  for (std::size_t s = 0; s < schedule.steps.size(); ++s) {
    const Step& step = schedule.steps[s];
    const Space space = program_.spaces().of_device[step.device];
    bindings_[s].clear();
    for (const Binding& binding : step.bindings) bindings_[s].push_back(bound(binding, space));
  }
}

Status RunMemory::copy(const Action& action) const {
  if (action.bytes == 0 || on_device(action.host)) return {};
  const DeviceBuffer& arena = arenas_[action.space];
  if (action.kind == Action::Kind::kUpload) {
    return arena.upload(action.device.offset, address(action.host), action.bytes);
  }
  return arena.download(action.device.offset, address(action.host), action.bytes);
}

Status RunMemory::actual_shape(std::uint32_t output, rdu_tensor& tensor) const {
  const TensorSpec& wanted = spec().outputs[output];
  tensor.dtype = wanted.dtype;
  tensor.rank = static_cast<std::uint32_t>(wanted.shape.size());
  std::copy(wanted.shape.begin(), wanted.shape.end(), tensor.shape);
  for (const Extent& extent : program_.variant(call_.signature, call_.variant).schedule.extents) {
    if (extent.output != output || !wanted.bounded[extent.dim]) continue;
    std::int64_t actual = 0;
    std::memcpy(&actual, address(extent.place), sizeof(actual));
    if (actual < 0 || actual > wanted.shape[extent.dim]) {
      return fail(RDU_ERR_OUT_OF_RANGE, "dimension ", extent.dim, " of output '", wanted.name,
                  "' is ", actual, ", its bound is ", wanted.shape[extent.dim]);
    }
    tensor.shape[extent.dim] = actual;
  }
  return {};
}

// The output's bytes are at outputs_[j], laid out by the bounds.
Status RunMemory::hand_over(std::uint32_t j) {
  rdu_tensor& tensor = call_.outputs[j];
  const TensorSpec& wanted = spec().outputs[j];
  RDU_TRY(actual_shape(j, tensor));
  if (outputs_on_device_[j]) return {};
  pack_rows(wanted.dtype, wanted.shape, std::span(tensor.shape, tensor.rank), outputs_[j]);
  const std::uint64_t bytes = rdu_tensor_bytes(tensor.dtype, tensor.rank, tensor.shape);
  tensor.strides = nullptr;
  if (made_[j]) {
    tensor.data = made_[j]->data();
    tensor.size_bytes = wanted.bytes;
    tensor.owner = made_[j];
    return {};
  }
  if (tensor.size_bytes == 0) tensor.size_bytes = wanted.bytes;
  std::byte* wanted_at = nullptr;
  RDU_TRY(host_pointer(tensor, bytes, wanted_at));
  if (outputs_[j] == wanted_at || bytes == 0) return {};
  program_.counters().copied_bytes.fetch_add(bytes, std::memory_order_relaxed);
  return scatter_output(outputs_[j], bytes, tensor);
}

Status RunMemory::deliver() {
  for (const Delivery& delivery : loaded().schedule.deliveries) {
    if (delivery.bytes == 0) continue;
    std::memcpy(address(delivery.sink), address(delivery.source), delivery.bytes);
  }
  for (std::uint32_t j = 0; j < call_.outputs.size(); ++j) {
    if (call_.delivery[j]) RDU_TRY(hand_over(j));
  }
  for (std::uint32_t j = 0; j < call_.outputs.size(); ++j) {
    if (!call_.delivery[j]) continue;
    RDU_TRY(write_sized(call_.outputs[j], "rdu_tensor", call_.delivery[j]));
    made_[j] = nullptr;
  }
  return {};
}

void RunMemory::clear() noexcept {
  for (OutputBlock*& block : made_) {
    if (block) block->release();
    block = nullptr;
  }
}

}  // namespace rdu::runtime
