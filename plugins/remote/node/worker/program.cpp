// Opens the part that a client asked for, loads it, and runs it on memory that somebody else provides.
#include "plugins/remote/node/worker/program.hpp"

#include <fcntl.h>
#include <sys/mman.h>

#include <charconv>
#include <chrono>
#include <cstring>
#include <string_view>

namespace rdu::remote::node {

namespace {

// Signatures that change parameters are called so: train, train_step.
constexpr std::string_view kTrains = "train";

// How often a run that takes long looks whether it shall stop.
constexpr std::uint64_t kLookUs = 5000;

// Parts name their ports "#" and the number of the value in the graph.
Result<std::uint32_t> value_of(const char* name) {
  std::uint32_t number = 0;
  const char* end = name + std::strlen(name);
  if (*name != '#' || std::from_chars(name + 1, end, number).ptr != end) {
    return fail(RDU_ERR_INTERNAL, "port '", name, "' of a part is not a number");
  }
  return number;
}

using GetValue = rdu_status* (*)(const rdu_artifact*, std::uint32_t, std::uint32_t, std::uint32_t,
                                 rdu_value_info*);

Status describe_side(const rdu_artifact* artifact, GetValue get, std::uint32_t count,
                     std::vector<Port>& ports, std::vector<rdu_tensor>& tensors) {
  for (std::uint32_t i = 0; i < count; ++i) {
    auto info = sized<rdu_value_info>();
    RDU_NODE_TRY(taken(get(artifact, 0, 0, i, &info)));
    const Result<std::uint32_t> value = value_of(info.name);
    if (!value.ok()) return value.status();
    ports.push_back({info.name, *value, info.dtype, info.size_bytes});
    auto tensor = sized<rdu_tensor>();
    tensor.dtype = info.dtype;
    tensor.rank = info.rank;
    std::memcpy(tensor.shape, info.shape, sizeof tensor.shape);
    tensors.push_back(tensor);
  }
  return {};
}

}  // namespace

Result<MappedArtifact> MappedArtifact::open(const StoredArtifact& stored) {
  Result<Descriptor> file = open_file(stored.path, O_RDONLY);
  if (!file.ok()) return file.status();
  const Result<std::uint64_t> size = file_size(file->get());
  if (!size.ok()) return size.status();
  MappedArtifact mapped;
  mapped.size_ = *size;
  mapped.data_ = ::mmap(nullptr, mapped.size_, PROT_READ, MAP_SHARED, file->get(), 0);
  if (mapped.data_ == MAP_FAILED) {
    mapped.data_ = nullptr;
    return system_error("cannot map", "an artifact");
  }
  for (const StoredArtifact::Part& part : stored.parts) {
    if (part.offset > mapped.size_ || part.bytes > mapped.size_ - part.offset) {
      return fail(RDU_ERR_IO, "a stored artifact is shorter than its description");
    }
    // What a client does not send (weights packed for its own host) is not there, rather than empty.
    void* data = part.bytes == 0 ? nullptr : static_cast<std::byte*>(mapped.data_) + part.offset;
    mapped.parts_.push_back({data, part.bytes});
  }
  return mapped;
}

MappedArtifact::MappedArtifact(MappedArtifact&& other) noexcept
    : data_(std::exchange(other.data_, nullptr)),
      size_(other.size_),
      parts_(std::move(other.parts_)) {}

MappedArtifact::~MappedArtifact() {
  if (data_ != nullptr) ::munmap(data_, size_);
}

Result<ArtifactHandle> MappedArtifact::open_part(rdu_context* context,
                                                 const Selection& selection) const {
  if (parts_.empty()) return fail(RDU_ERR_BAD_ARTIFACT, "an artifact without metadata");
  auto part = sized<rdu_artifact_part>();
  part.metadata = parts_.front();
  part.segments = {parts_.data() + 1, static_cast<std::uint32_t>(parts_.size() - 1),
                   sizeof(rdu_bytes)};
  part.signature = selection.signature;
  part.variant = selection.variant;
  part.first_section = selection.first_section;
  part.end_section = selection.end_section;
  part.flags = selection.stateless ? RDU_PART_STATELESS : 0u;
  rdu_artifact* opened = nullptr;
  RDU_NODE_TRY(taken(rdu_artifact_open_part(context, &part, nullptr, &opened)));
  return ArtifactHandle(opened);
}

Result<std::unique_ptr<WorkerProgram>> WorkerProgram::load(rdu_context* context, rdu_device* device,
                                                           const StoredArtifact& stored,
                                                           Selection selection) {
  Result<MappedArtifact> mapped = MappedArtifact::open(stored);
  if (!mapped.ok()) return mapped.status();
  if (selection.end_section == 0) {
    Result<ArtifactHandle> all = mapped->open_part(context, {});
    if (!all.ok()) return all.status();
    auto info = sized<rdu_variant_info>();
    RDU_NODE_TRY(
        taken(rdu_artifact_get_variant(all->get(), selection.signature, selection.variant, &info)));
    selection.end_section = info.num_sections;
  }
  std::unique_ptr<WorkerProgram> loaded(new WorkerProgram(std::move(*mapped)));
  Result<ArtifactHandle> part = loaded->mapped_.open_part(context, selection);
  if (!part.ok()) return part.status();
  rdu_program* program = nullptr;
  RDU_NODE_TRY(taken(rdu_program_load(part->get(), &device, 1, nullptr, &program)));
  loaded->program_.reset(program);
  RDU_NODE_TRY(loaded->describe(part->get()));
  return loaded;
}

Status WorkerProgram::describe(const rdu_artifact* artifact) {
  auto signature = sized<rdu_signature_info>();
  RDU_NODE_TRY(taken(rdu_artifact_get_signature(artifact, 0, &signature)));
  trains_ = std::string_view(signature.name).starts_with(kTrains);
  RDU_NODE_TRY(describe_side(artifact, rdu_artifact_get_input, signature.num_inputs, ports_.inputs,
                             inputs_));
  RDU_NODE_TRY(describe_side(artifact, rdu_artifact_get_output, signature.num_outputs,
                             ports_.outputs, outputs_));
  auto memory = sized<rdu_memory_info>();
  RDU_NODE_TRY(taken(rdu_program_get_memory(program_.get(), &memory)));
  ports_.resident_bytes = memory.resident_bytes;
  ports_.per_run_bytes = memory.per_run_bytes;
  ports_.state_bytes = memory.state_bytes;
  return signature.num_variables == 0 ? Status() : describe_variables();
}

// Only a state knows its variables.
Status WorkerProgram::describe_variables() {
  rdu_state* made = nullptr;
  RDU_NODE_TRY(taken(rdu_state_create(program_.get(), nullptr, 0, &made)));
  const StateHandle state(made);
  for (std::uint32_t i = 0; i < rdu_state_num_variables(made); ++i) {
    auto info = sized<rdu_value_info>();
    RDU_NODE_TRY(taken(rdu_state_get_variable(made, i, &info)));
    ports_.variables.push_back({info.name, i, info.dtype, info.size_bytes});
  }
  return {};
}

Status WorkerProgram::run(std::span<const TensorMemory> inputs,
                          std::span<const TensorMemory> outputs, const RunTerms& terms) {
  if (inputs.size() != inputs_.size() || outputs.size() != outputs_.size()) {
    return fail(RDU_ERR_INVALID_ARGUMENT, inputs.size(), " inputs and ", outputs.size(),
                " outputs, not ", inputs_.size(), " and ", outputs_.size());
  }
  thread_local std::vector<rdu_tensor> in, out;
  in = inputs_;
  out = outputs_;
  for (std::size_t i = 0; i < in.size(); ++i) {
    in[i].data = inputs[i].data;
    in[i].size_bytes = inputs[i].bytes;
  }
  for (std::size_t i = 0; i < out.size(); ++i) {
    out[i].data = outputs[i].data;
    out[i].size_bytes = outputs[i].bytes;
  }
  auto args = sized<rdu_run_args>();
  args.inputs = rdu_tensors(in.data(), static_cast<std::uint32_t>(in.size()));
  args.outputs = rdu_tensors(out.data(), static_cast<std::uint32_t>(out.size()));
  args.state = terms.state;
  args.timeout_us = terms.timeout_us;
  const auto begin = std::chrono::steady_clock::now();
  Status status = latest_ns_.load(std::memory_order_relaxed) < kSlowNs
                      ? taken(rdu_run(program_.get(), &args))
                      : run_stoppable(args, terms.stop);
  const std::chrono::nanoseconds took = std::chrono::steady_clock::now() - begin;
  if (status.ok()) {
    latest_ns_.store(static_cast<std::uint64_t>(took.count()), std::memory_order_relaxed);
  }
  return status;
}

Status WorkerProgram::run_stoppable(const rdu_run_args& args,
                                    std::atomic_ref<std::uint32_t> stop) const {
  rdu_event* made = nullptr;
  RDU_NODE_TRY(taken(rdu_submit(program_.get(), &args, &made)));
  const EventHandle event(made);
  for (rdu_event_state state = RDU_EVENT_PENDING;;) {
    RDU_NODE_TRY(taken(rdu_event_wait(made, kLookUs, &state)));
    if (state != RDU_EVENT_PENDING) return taken(rdu_event_get_result(made));
    if (stop.load(std::memory_order_relaxed) != 0) rdu_event_cancel(made);
  }
}

}  // namespace rdu::remote::node
