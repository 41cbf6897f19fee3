// The repeated work of the runtime's tests.
#include "tests/sdk/src/support/harness.hpp"

#include <cstdlib>

#include "tests/sdk/src/support/keeper_plugin.hpp"

namespace rdu::test {

std::string words(rdu_status* status) {
  const StatusOwner owner(status);
  if (!status) return "OK";
  return std::string(rdu_code_name(rdu_status_code(status))) + ": " + rdu_status_message(status);
}

rdu_code code(rdu_status* status) {
  const StatusOwner owner(status);
  if (status) UNSCOPED_INFO(rdu_status_message(status));
  return rdu_status_code(status);
}

Context make_context(const rdu_allocator* allocator) {
  rdu_context_options options{};
  options.header = RDU_HEADER(rdu_context_options);
  options.allocator = allocator;
  options.max_threads = 4;
  options.flags = RDU_CONTEXT_ONLY_GIVEN_PLUGINS;
  rdu_context* context = nullptr;
  RDU_OK_(rdu_context_create(&options, &context));
  Context owner(context);
  RDU_OK_(rdu_plugin_register(context, "test", test_plugin));
  RDU_OK_(rdu_plugin_register(context, "keeper", keeper_plugin));
  return owner;
}

Device open_device(const Context& context, const std::string& uri) {
  rdu_device* device = nullptr;
  RDU_OK_(rdu_device_open(context.get(), uri.c_str(), &device));
  return Device(device);
}

Artifact open_artifact(const Context& context, const ArtifactBytes& bytes) {
  rdu_artifact* artifact = nullptr;
  RDU_OK_(rdu_artifact_open_memory(context.get(), bytes.data(), bytes.size(), nullptr, &artifact));
  return Artifact(artifact);
}

Fixture::Fixture(const artifact::Model& model, const std::vector<std::string>& uris,
                 const rdu_allocator* allocator)
    : context(make_context(allocator)), bytes(model) {
  std::vector<rdu_device*> list;
  for (const std::string& uri : uris) {
    devices.push_back(open_device(context, uri));
    list.push_back(devices.back().get());
  }
  artifact = open_artifact(context, bytes);
  rdu_program* loaded = nullptr;
  RDU_OK_(rdu_program_load(artifact.get(), list.data(), static_cast<std::uint32_t>(list.size()),
                           nullptr, &loaded));
  program.reset(loaded);
}

rdu_tensor f32(std::vector<float>& data, std::vector<std::int64_t> shape) {
  rdu_tensor tensor{};
  tensor.header = RDU_HEADER(rdu_tensor);
  tensor.data = data.empty() ? nullptr : data.data();
  tensor.size_bytes = data.size() * sizeof(float);
  tensor.dtype = RDU_DTYPE_F32;
  tensor.rank = static_cast<std::uint32_t>(shape.size());
  std::copy(shape.begin(), shape.end(), tensor.shape);
  return tensor;
}

Floats::Floats(std::size_t count, float start, float step)
    : data_(static_cast<float*>(std::aligned_alloc(64, (count * sizeof(float) + 63) / 64 * 64))),
      size_(count) {
  for (std::size_t i = 0; i < count; ++i) data()[i] = start + step * static_cast<float>(i);
}

rdu_tensor Floats::tensor(std::vector<std::int64_t> shape) {
  rdu_tensor tensor{};
  tensor.header = RDU_HEADER(rdu_tensor);
  tensor.data = data_.get();
  tensor.size_bytes = size_ * sizeof(float);
  tensor.dtype = RDU_DTYPE_F32;
  tensor.rank = static_cast<std::uint32_t>(shape.size());
  std::copy(shape.begin(), shape.end(), tensor.shape);
  return tensor;
}

rdu_run_args args(const std::vector<rdu_tensor>& inputs, std::vector<rdu_tensor>& outputs) {
  rdu_run_args args{};
  args.header = RDU_HEADER(rdu_run_args);
  args.inputs = rdu_tensors(inputs.data(), static_cast<std::uint32_t>(inputs.size()));
  args.outputs = rdu_tensors(outputs.data(), static_cast<std::uint32_t>(outputs.size()));
  return args;
}

std::string check_chain(rdu_program* program, std::int64_t batch, float start) {
  const auto count = static_cast<std::size_t>(batch * 5);
  Floats x(count, start), y(count);
  const std::vector<rdu_tensor> inputs = {x.tensor({batch, 5})};
  std::vector<rdu_tensor> outputs = {y.tensor({batch, 5})};
  const rdu_run_args call = args(inputs, outputs);
  const std::string outcome = words(rdu_run(program, &call));
  if (outcome != "OK") return outcome;
  for (std::size_t i = 0; i < count; ++i) {
    if (y[i] != chain_y(x[i], chain_w(static_cast<std::int64_t>(i % 5)))) return "a wrong answer";
  }
  return "OK";
}

}  // namespace rdu::test
