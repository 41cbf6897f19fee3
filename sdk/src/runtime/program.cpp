// Loads every variant of an artifact on its devices and adds up the memory.
#include "sdk/src/runtime/program.hpp"

#include <algorithm>

#include "sdk/artifact/view.hpp"
#include "sdk/src/runtime/pack.hpp"
#include "sdk/src/runtime/run_memory.hpp"
#include "sdk/src/runtime/sized.hpp"
#include "sdk/src/runtime/state_home.hpp"

namespace rdu::runtime {

namespace {

Status read_shares(const rdu_array& given, std::size_t num_devices, Shares& out) {
  if (given.count == 0) return {};
  if (given.count != num_devices || !given.data || given.stride_bytes < sizeof(std::uint32_t)) {
    return fail(RDU_ERR_INVALID_ARGUMENT, "there are ", given.count, " shares of ",
                given.stride_bytes, " bytes for ", num_devices, " devices");
  }
  for (std::uint32_t d = 0; d < given.count; ++d) {
    out.push_back(*RDU_AT(std::uint32_t, given, d));
  }
  if (std::ranges::any_of(out, [](std::uint32_t share) { return share > 0; })) return {};
  return fail(RDU_ERR_INVALID_ARGUMENT, "every device has a share of 0");
}

}  // namespace

Program::Program(std::shared_ptr<Artifact> artifact, Devices devices)
    : artifact_(std::move(artifact)), devices_(std::move(devices)) {}

Program::~Program() = default;

Status Program::load(std::shared_ptr<Artifact> artifact, Devices devices,
                     const rdu_program_options* given, std::shared_ptr<Program>& out) {
  rdu_program_options options;
  RDU_TRY(read_sized(given, "rdu_program_options", options));
  if (options.flags) {
    return fail(RDU_ERR_INVALID_ARGUMENT, "unknown program flags ", options.flags);
  }
  Shares shares;
  RDU_TRY(read_shares(options.shares, devices.size(), shares));
  auto program = std::make_shared<Program>(std::move(artifact), std::move(devices));
  program->max_pooled_ = options.max_contexts;
  program->placement_ =
      std::make_shared<Placement>(Placement::make(program->artifact_, program->devices_, shares));
  RDU_TRY(program->placement_->complete());
  program->placement_->log(program->context().logger());
  program->segments_ = program->artifact_->segments();
  program->number_spaces();
  program->find_states();
  const auto& signatures = program->artifact_->signatures();
  program->variants_.resize(signatures.size());
  for (std::uint32_t s = 0; s < signatures.size(); ++s) {
    program->variants_[s].resize(signatures[s].variants.size());
    for (std::uint32_t v = 0; v < signatures[s].variants.size(); ++v) {
      RDU_TRY(program->load_variant(s, v));
    }
  }
  RDU_TRY(program->check_bound(options.max_memory_bytes));
  out = std::move(program);
  return {};
}

void Program::number_spaces() {
  spaces_.owner.push_back(nullptr);
  for (const auto& device : devices_) {
    alignment_ = std::max<std::uint64_t>(alignment_, device->properties().alignment);
    if (device->uses_host_memory()) {
      spaces_.of_device.push_back(kHostSpace);
      continue;
    }
    spaces_.of_device.push_back(static_cast<Space>(spaces_.owner.size()));
    spaces_.owner.push_back(device);
  }
  spaces_.arena_bytes.assign(spaces_.owner.size(), 0);
}

void Program::find_states() {
  const auto& signatures = artifact_->signatures();
  for (std::uint32_t s = 0; s < signatures.size(); ++s) {
    std::vector<const VariantPlacement*> placed;
    for (std::uint32_t v = 0; v < signatures[s].variants.size(); ++v) {
      placed.push_back(&placement_->variant(s, v));
    }
    state_device_.push_back(runtime::state_device(signatures[s], placed, devices_));
  }
}

Status Program::load_variant(std::uint32_t s, std::uint32_t v) {
  LoadedVariant& loaded = variants_[s][v];
  if (state_device(s)) {
    loaded.state_step = sole_user_of_variables(*spec(s, v).graph, placement_->variant(s, v).steps);
  }
  for (const StepPlacement& step : placement_->variant(s, v).steps) {
    const Span span(context().tracer(), {"load", "load", 0, 0, step.first_section});
    const bool keeps_state = loaded.state_step == loaded.executables.size();
    RDU_TRY(load_step(s, v, step, keeps_state, loaded.executables.emplace_back()));
  }
  RDU_TRY(schedule_variant(s, v));
  account(loaded);
  return {};
}

Status Program::load_step(std::uint32_t s, std::uint32_t v, const StepPlacement& step,
                          bool keeps_state, Executable& out) {
  const artifact::Artifact& file = artifact_->file();
  const rdu_array segments{segments_.data(), static_cast<std::uint32_t>(segments_.size()),
                           sizeof(rdu_bytes)};
  rdu_load load{};
  load.header = RDU_HEADER(rdu_load);
  load.format = "rdu.graph";
  load.graph = spec(s, v).graph;
  load.first_section = step.first_section;
  load.end_section = step.end_section;
  load.segments = segments;
  load.source = {.header = RDU_HEADER(rdu_graph_source),
                 .bytes = {file.metadata_bytes().data(), file.metadata_bytes().size()},
                 .segments = segments,
                 .signature = s,
                 .variant = v};
  load.flags = keeps_state ? RDU_LOAD_STATE : 0u;
  load.packed = packed_for(file, *devices_[step.device]);
  if (step.cut != 0) {
    const artifact::CutInfo& cut = spec(s, v).info->cuts[step.cut];
    const auto payload = cut.sections[step.cut_section].payload;
    load.format = cut.format.c_str();
    load.payload = {payload.data(), payload.size()};
  }
  return Executable::load(devices_[step.device], load, out);
}

Status Program::schedule_variant(std::uint32_t s, std::uint32_t v) {
  const VariantSpec& variant = spec(s, v);
  const auto& steps = placement_->variant(s, v).steps;
  const VariableHome variables = variant.variables.empty() ? VariableHome::kTensors
                                 : state_device(s)         ? VariableHome::kDevice
                                                           : VariableHome::kState;
  std::vector<std::uint32_t> step_of(variant.graph->sections.count);
  std::vector<std::uint32_t> device_of_step;
  std::vector<std::uint8_t> is_payload;
  for (const StepPlacement& step : steps) {
    std::fill(step_of.begin() + step.first_section, step_of.begin() + step.end_section,
              static_cast<std::uint32_t>(device_of_step.size()));
    device_of_step.push_back(step.device);
    is_payload.push_back(step.cut != 0);
  }
  std::vector<std::uint32_t> inputs, outputs;
  for (const TensorSpec& input : variant.inputs) inputs.push_back(input.value);
  for (const TensorSpec& output : variant.outputs) outputs.push_back(output.value);
  return make_schedule({.graph = *variant.graph,
                        .inputs = inputs,
                        .outputs = outputs,
                        .step_of = step_of,
                        .device_of_step = device_of_step,
                        .is_payload = is_payload,
                        .space_of_device = spaces_.of_device,
                        .num_spaces = static_cast<Space>(spaces_.owner.size()),
                        .alignment = alignment_,
                        .variables = variables},
                       variants_[s][v].schedule);
}

void Program::account(const LoadedVariant& variant) {
  for (Space space = 0; space < spaces_.arena_bytes.size(); ++space) {
    spaces_.arena_bytes[space] =
        std::max(spaces_.arena_bytes[space], variant.schedule.arena_bytes[space]);
  }
  for (const Executable& executable : variant.executables) {
    resident_bytes_ += executable.memory().resident;
    per_worker_bytes_ += executable.memory().per_worker;
    scratch_bytes_ = std::max(scratch_bytes_, executable.memory().per_run);
  }
}

std::uint64_t Program::state_bytes() const {
  std::uint64_t largest = 0;
  for (std::uint32_t s = 0; s < artifact_->signatures().size(); ++s) {
    if (state_device(s)) continue;
    for (const VariantSpec& variant : signature(s).variants) {
      std::uint64_t bytes = 0;
      for (const TensorSpec& variable : variant.variables) {
        bytes += (variable.growth.none() ? 2 : 1) * variable.bytes;
      }
      largest = std::max(largest, bytes);
    }
  }
  return largest;
}

rdu_memory_info Program::memory() const {
  rdu_memory_info info{};
  info.header = RDU_HEADER(rdu_memory_info);
  info.resident_bytes = resident_bytes_;
  info.per_worker_bytes = per_worker_bytes_;
  for (const std::uint64_t bytes : spaces_.arena_bytes) info.arena_bytes += bytes;
  info.per_run_bytes = info.arena_bytes + scratch_bytes_;
  info.state_bytes = state_bytes();
  return info;
}

Status Program::check_bound(std::uint64_t max_memory_bytes) const {
  const rdu_memory_info info = memory();
  const std::uint64_t total = info.resident_bytes + info.per_run_bytes + info.state_bytes;
  if (max_memory_bytes == 0 || total <= max_memory_bytes) return {};
  return fail(RDU_ERR_LIMIT_EXCEEDED, "a run needs ", total, " bytes (resident ",
              info.resident_bytes, ", per run ", info.per_run_bytes, ", state ", info.state_bytes,
              "), max_memory_bytes is ", max_memory_bytes);
}

rdu_program_stats Program::stats() const {
  rdu_program_stats stats{};
  stats.header = RDU_HEADER(rdu_program_stats);
  stats.num_runs = counters_.done;
  stats.num_failed = counters_.failed;
  stats.peak_arena_bytes = counters_.peak_arena_bytes;
  stats.copied_bytes = counters_.copied_bytes;
  stats.num_contexts = counters_.run_memories;
  for (const auto& signature : variants_) {
    for (const LoadedVariant& variant : signature) {
      stats.num_executables += static_cast<std::uint32_t>(variant.executables.size());
    }
  }
  return stats;
}

Status Program::acquire(std::unique_ptr<RunMemory>& out) {
  {
    const std::lock_guard lock(pool_mutex_);
    if (!pool_.empty()) {
      out = std::move(pool_.back());
      pool_.pop_back();
      return {};
    }
    // A place for it to come back to: release() must not allocate.
    pool_.reserve(counters_.run_memories + 1);
  }
  return RunMemory::make(*this, out);
}

void Program::release(std::unique_ptr<RunMemory> memory) noexcept {
  const std::lock_guard lock(pool_mutex_);
  if (max_pooled_ != 0 && pool_.size() >= max_pooled_) return;
  if (pool_.size() < pool_.capacity()) pool_.push_back(std::move(memory));
}

}  // namespace rdu::runtime
