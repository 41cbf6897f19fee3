// Numbers of the front end to objects of librdu.
#include "plugins/remote/node/worker/host.hpp"

#include <rdu/plugin.h>

#include <array>
#include <cstdio>
#include <mutex>

namespace rdu::remote::node {

namespace {

void print_log(void* user, rdu_log_level, const char* line) {
  std::fprintf(stderr, "rdu-node: %s: %s\n", static_cast<const char*>(user), line);
}

template <class T>
Result<std::shared_ptr<T>> find_in(const std::map<std::uint64_t, std::shared_ptr<T>>& objects,
                                   std::uint64_t number, const char* what) {
  const auto found = objects.find(number);
  if (found == objects.end())
    return fail(RDU_ERR_NOT_FOUND, "the worker has no ", what, " ", number);
  return found->second;
}

Verdict verdict_of(const rdu_section_info& section) {
  if (section.device != RDU_NO_INDEX) return {RDU_REASON_TAKEN, {}};
  if (section.refusals.count == 0) return {RDU_REASON_PATTERN, "the device does not say why"};
  const rdu_refusal& refusal = *RDU_AT(rdu_refusal, section.refusals, 0);
  return {refusal.reason, refusal.detail};
}

}  // namespace

Result<std::unique_ptr<WorkerHost>> WorkerHost::open(const HostOptions& options) {
  std::unique_ptr<WorkerHost> host(new WorkerHost());
  std::vector<const char*> paths;
  for (const std::string& path : options.plugin_paths) paths.push_back(path.c_str());
  auto context = sized<rdu_context_options>();
  context.plugin_paths = paths.data();
  context.num_plugin_paths = static_cast<std::uint32_t>(paths.size());
  context.max_threads = options.threads;
  context.log = print_log;
  context.log_user = const_cast<char*>(options.device.c_str());
  context.log_level = RDU_LOG_WARNING;
  rdu_context* made = nullptr;
  RDU_NODE_TRY(taken(rdu_context_create(&context, &made)));
  host->context_.reset(made);
  rdu_device* device = nullptr;
  RDU_NODE_TRY(taken(rdu_device_open(made, options.device.c_str(), &device)));
  host->device_.reset(device);
  return host;
}

Result<Bytes> WorkerHost::facts() const {
  auto info = sized<rdu_device_info>();
  RDU_NODE_TRY(taken(rdu_device_get_info(device_.get(), &info)));
  return encode_device(
      {info.name, info.target, info.target_hash, info.memory_bytes, info.max_concurrency});
}

Status WorkerHost::verify(ByteSpan body) {
  Selection selection;
  StoredArtifact stored;
  RDU_NODE_TRY(decode_request(body, selection, stored));
  Result<MappedArtifact> mapped = MappedArtifact::open(stored);
  if (!mapped.ok()) return mapped.status();
  return mapped->open_part(context_.get(), {}).status();
}

Result<Bytes> WorkerHost::check(ByteSpan body) {
  Selection selection;
  StoredArtifact stored;
  RDU_NODE_TRY(decode_request(body, selection, stored));
  Result<MappedArtifact> mapped = MappedArtifact::open(stored);
  if (!mapped.ok()) return mapped.status();
  Result<ArtifactHandle> artifact = mapped->open_part(context_.get(), {});
  if (!artifact.ok()) return artifact.status();
  auto variant = sized<rdu_variant_info>();
  RDU_NODE_TRY(taken(
      rdu_artifact_get_variant(artifact->get(), selection.signature, selection.variant, &variant)));
  rdu_device* device = device_.get();
  rdu_placement* made = nullptr;
  RDU_NODE_TRY(taken(rdu_artifact_check(artifact->get(), &device, 1, &made)));
  const PlacementHandle placement(made);
  std::vector<Verdict> verdicts;
  for (std::uint32_t i = 0; i < rdu_placement_num_sections(made); ++i) {
    auto section = sized<rdu_section_info>();
    RDU_NODE_TRY(taken(rdu_placement_get_section(made, i, &section)));
    if (section.signature != selection.signature || section.variant != selection.variant) continue;
    verdicts.push_back(verdict_of(section));
  }
  return encode_verdicts(verdicts);
}

Result<Bytes> WorkerHost::load(std::uint64_t program, ByteSpan body) {
  Selection selection;
  StoredArtifact stored;
  RDU_NODE_TRY(decode_request(body, selection, stored));
  Result<std::unique_ptr<WorkerProgram>> loaded =
      WorkerProgram::load(context_.get(), device_.get(), stored, selection);
  if (!loaded.ok()) return loaded.status();
  Bytes facts = encode_program({(*loaded)->ports(), (*loaded)->trains() ? 1u : 0u});
  const std::unique_lock lock(mutex_);
  programs_.insert_or_assign(program, std::move(*loaded));
  return facts;
}

void WorkerHost::unload(std::uint64_t program) {
  std::shared_ptr<WorkerProgram> gone;
  const std::unique_lock lock(mutex_);
  if (const auto found = programs_.find(program); found != programs_.end()) {
    gone = std::move(found->second);
    programs_.erase(found);
  }
}

Status WorkerHost::create_state(std::uint64_t program, std::uint64_t state) {
  Result<std::shared_ptr<WorkerProgram>> of = this->program(program);
  if (!of.ok()) return of.status();
  Result<std::unique_ptr<WorkerState>> made = WorkerState::create(std::move(*of));
  if (!made.ok()) return made.status();
  return add_state(state, std::move(*made));
}

Status WorkerHost::clone_state(std::uint64_t state, std::uint64_t copy) {
  Result<std::shared_ptr<WorkerState>> original = this->state(state);
  if (!original.ok()) return original.status();
  Result<std::unique_ptr<WorkerState>> made = (*original)->clone();
  if (!made.ok()) return made.status();
  return add_state(copy, std::move(*made));
}

Status WorkerHost::add_state(std::uint64_t number, std::unique_ptr<WorkerState> state) {
  const std::unique_lock lock(mutex_);
  states_.insert_or_assign(number, std::move(state));
  return {};
}

void WorkerHost::destroy_state(std::uint64_t state) {
  const std::unique_lock lock(mutex_);
  states_.erase(state);
}

Result<std::shared_ptr<WorkerProgram>> WorkerHost::program(std::uint64_t number) const {
  const std::shared_lock lock(mutex_);
  return find_in(programs_, number, "program");
}

Result<std::shared_ptr<WorkerState>> WorkerHost::state(std::uint64_t number) const {
  const std::shared_lock lock(mutex_);
  return find_in(states_, number, "state");
}

Status WorkerHost::canary() const {
  constexpr std::array<unsigned char, 16> kSong = {'c', 'a', 'n', 'a', 'r', 'y'};
  rdu_buffer* made = nullptr;
  RDU_NODE_TRY(taken(rdu_buffer_create(device_.get(), kSong.size(), &made)));
  const BufferHandle buffer(made);
  std::array<unsigned char, kSong.size()> heard{};
  RDU_NODE_TRY(taken(rdu_buffer_write(made, 0, kSong.size(), kSong.data())));
  RDU_NODE_TRY(taken(rdu_buffer_read(made, 0, heard.size(), heard.data())));
  if (heard != kSong)
    return fail(RDU_ERR_DEVICE, "the device's memory does not keep what is written to it");
  return {};
}

}  // namespace rdu::remote::node
