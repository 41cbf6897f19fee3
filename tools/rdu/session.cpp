// Opens context, devices, artifact and program the way all commands do, and runs once.
#include "tools/rdu/session.hpp"

#include <algorithm>
#include <cstdio>
#include <cstring>
#include <map>

namespace rdu::tool {

namespace {

void print_log(void*, rdu_log_level level, const char* line) {
  constexpr const char* kNames[] = {"error", "warning", "info", "debug"};
  std::fprintf(stderr, "%s: %s\n", kNames[std::min<rdu_log_level>(level, RDU_LOG_DEBUG)], line);
}

// An output that the runtime allocated, as a tensor of ours; the runtime's memory goes back.
HostTensor take_output(rdu_tensor& tensor, const char* name) {
  HostTensor out = make_host_tensor(tensor.dtype, {tensor.shape, tensor.shape + tensor.rank});
  out.name = name;
  if (out.bytes.size() > 0) std::memcpy(out.bytes.data(), tensor.data, out.bytes.size());
  rdu_tensor_release(&tensor);
  return out;
}

}  // namespace

std::vector<std::string> device_list(const SessionOptions& options) {
  std::vector<std::string> uris = options.devices;
  if (uris.empty()) uris.emplace_back("cpu:");
  const auto of = [](const std::string& uri, std::string_view plugin) {
    return uri.starts_with(plugin) && (uri.size() == plugin.size() || uri[plugin.size()] == ':');
  };
  const bool has_cpu = std::ranges::any_of(uris, [&](const auto& uri) { return of(uri, "cpu"); });
  const bool has_reference =
      std::ranges::any_of(uris, [&](const auto& uri) { return of(uri, "reference"); });
  if (!has_cpu && !has_reference && !options.no_fallback) uris.emplace_back("cpu:");
  return uris;
}

Session::Session(const SessionOptions& options) : options_(options), uris_(device_list(options)) {
  std::vector<const char*> paths;
  for (const std::string& path : options_.plugin_paths) paths.push_back(path.c_str());
  rdu_context_options context = {};
  context.header = RDU_HEADER(rdu_context_options);
  context.plugin_paths = paths.data();
  context.num_plugin_paths = static_cast<std::uint32_t>(paths.size());
  context.max_threads = options_.threads;
  context.log = print_log;
  context.log_level = options_.verbose ? RDU_LOG_DEBUG : RDU_LOG_WARNING;
  rdu_context* made = nullptr;
  check(rdu_context_create(&context, &made));
  context_.reset(made);
}

void Session::open_devices() {
  for (const std::string& uri : uris_) {
    rdu_device* device = nullptr;
    check(rdu_device_open(context_.get(), uri.c_str(), &device));
    devices_.emplace_back(device);
  }
}

void Session::open_artifact(const std::string& path) {
  rdu_artifact_options options = {};
  options.header = RDU_HEADER(rdu_artifact_options);
  options.flags = (options_.copy ? RDU_LOAD_COPY : 0u) | (options_.hashes ? RDU_LOAD_HASHES : 0u);
  rdu_artifact* opened = nullptr;
  check(rdu_artifact_open(context_.get(), path.c_str(), &options, &opened));
  artifact_.reset(opened);
}

void Session::open_artifact(const AlignedBytes& bytes) {
  close_artifact();
  rdu_artifact* opened = nullptr;
  check(rdu_artifact_open_memory(context_.get(), bytes.data(), bytes.size(), nullptr, &opened));
  artifact_.reset(opened);
}

void Session::close_artifact() {
  program_.reset();
  artifact_.reset();
}

void Session::load_program() {
  const std::vector<rdu_device*> list = devices();
  std::vector<std::uint32_t> shares = options_.shares;
  if (shares.size() > list.size()) {
    throw ToolError("--shares has " + std::to_string(shares.size()) + " numbers for " +
                    std::to_string(list.size()) + " devices");
  }
  if (!shares.empty()) shares.resize(list.size());
  rdu_program_options options = {};
  options.header = RDU_HEADER(rdu_program_options);
  options.shares = {shares.data(), static_cast<std::uint32_t>(shares.size()),
                    sizeof(std::uint32_t)};
  rdu_program* loaded = nullptr;
  check(rdu_program_load(artifact_.get(), list.data(), static_cast<std::uint32_t>(list.size()),
                         &options, &loaded));
  program_.reset(loaded);
}

std::vector<rdu_device*> Session::devices() const {
  std::vector<rdu_device*> list;
  for (const DevicePtr& device : devices_) list.push_back(device.get());
  return list;
}

rdu_signature_info signature_info(const rdu_artifact* artifact, std::uint32_t signature) {
  rdu_signature_info info = {};
  info.header = RDU_HEADER(rdu_signature_info);
  check(rdu_artifact_get_signature(artifact, signature, &info));
  return info;
}

rdu_value_info input_info(const rdu_artifact* artifact, std::uint32_t signature,
                          std::uint32_t variant, std::uint32_t index) {
  rdu_value_info info = {};
  info.header = RDU_HEADER(rdu_value_info);
  check(rdu_artifact_get_input(artifact, signature, variant, index, &info));
  return info;
}

rdu_value_info output_info(const rdu_artifact* artifact, std::uint32_t signature,
                           std::uint32_t variant, std::uint32_t index) {
  rdu_value_info info = {};
  info.header = RDU_HEADER(rdu_value_info);
  check(rdu_artifact_get_output(artifact, signature, variant, index, &info));
  return info;
}

std::vector<HostTensor> run_once(rdu_program* program, std::vector<HostTensor>& inputs,
                                 rdu_state* state) {
  const rdu_artifact* artifact = rdu_program_get_artifact(program);
  const std::uint32_t num_outputs = signature_info(artifact, 0).num_outputs;
  std::vector<rdu_tensor> in;
  for (HostTensor& tensor : inputs) in.push_back(describe(tensor));
  std::vector<rdu_tensor> out(num_outputs);
  for (rdu_tensor& tensor : out) tensor.header = RDU_HEADER(rdu_tensor);

  rdu_run_args args = {};
  args.header = RDU_HEADER(rdu_run_args);
  args.inputs = rdu_tensors(in.data(), static_cast<std::uint32_t>(in.size()));
  args.outputs = rdu_tensors(out.data(), num_outputs);
  args.state = state;
  check(rdu_run(program, &args));

  std::vector<HostTensor> results;
  for (std::uint32_t i = 0; i < num_outputs; ++i) {
    results.push_back(take_output(out[i], output_info(artifact, 0, 0, i).name));
  }
  return results;
}

std::string fallback_text(const rdu_placement* placement) {
  std::map<std::pair<std::string, std::string>, std::uint32_t> nodes;  // by device and who declined
  for (std::uint32_t i = 0; i < rdu_placement_num_sections(placement); ++i) {
    rdu_section_info section = {};
    section.header = RDU_HEADER(rdu_section_info);
    check(rdu_placement_get_section(placement, i, &section));
    if (section.refusals.count == 0) continue;
    const char* uri = section.device == RDU_NO_INDEX
                          ? "no device"
                          : rdu_placement_device_uri(placement, section.device);
    const rdu_refusal& first = *RDU_AT(rdu_refusal, section.refusals, 0);
    nodes[{uri, rdu_placement_device_uri(placement, first.device)}] += section.num_nodes;
  }
  std::string text;
  for (const auto& [devices, count] : nodes) {
    text += std::to_string(count) + " nodes on " + devices.first + " instead of " + devices.second +
            " ('rdu explain' says why)\n";
  }
  return text;
}

}  // namespace rdu::tool
