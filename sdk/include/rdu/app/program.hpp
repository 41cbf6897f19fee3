// Programs, their runs and their states.
#pragma once

#include <cstdint>
#include <initializer_list>
#include <rdu/app/context.hpp>
#include <span>
#include <string>
#include <utility>
#include <vector>

namespace rdu {

class Program;

// The variables of one stream.
class State {
 public:
  explicit State(const Program& program, std::uint32_t variant = 0,
                 const char* signature = nullptr);

  template <class Range>
  void read(const char* variable, Range& out) const {
    const std::span elements(out);
    check(rdu_state_read(handle_.get(), variable, elements.size_bytes(), elements.data()));
  }
  template <class Range>
  void write(const char* variable, const Range& data) {
    const std::span elements(data);
    check(rdu_state_write(handle_.get(), variable, elements.size_bytes(), elements.data()));
  }
  void reset() { check(rdu_state_reset(handle_.get())); }
  void save(const std::string& path) const { check(rdu_state_save(handle_.get(), path.c_str())); }
  void load(const std::string& path) { check(rdu_state_load(handle_.get(), path.c_str())); }
  State clone() const {
    rdu_state* copy = nullptr;
    check(rdu_state_clone(handle_.get(), &copy));
    return State(copy);
  }
  rdu_state* get() const { return handle_.get(); }

 private:
  explicit State(rdu_state* adopted) : handle_(adopted) {}

  detail::Handle<rdu_state, rdu_state_destroy> handle_;
};

// How to run: everything may be left out.
struct RunOptions {
  const char* signature = nullptr;
  const State* state = nullptr;
  std::uint64_t timeout_us = 0;
  std::uint64_t user_tag = 0;
};

namespace detail {

inline std::vector<rdu_tensor> raw_tensors(std::span<const TensorRef> tensors) {
  std::vector<rdu_tensor> raw;
  for (const TensorRef& tensor : tensors) raw.push_back(tensor.raw());
  return raw;
}

inline rdu_run_args run_args(const std::vector<rdu_tensor>& inputs,
                             const std::vector<rdu_tensor>& outputs, const RunOptions& options) {
  auto args = sized<rdu_run_args>();
  args.signature = options.signature;
  args.inputs = rdu_tensors(inputs.data(), static_cast<std::uint32_t>(inputs.size()));
  args.outputs = rdu_tensors(outputs.data(), static_cast<std::uint32_t>(outputs.size()));
  args.state = options.state ? options.state->get() : nullptr;
  args.timeout_us = options.timeout_us;
  args.user_tag = options.user_tag;
  return args;
}

}  // namespace detail

// A submitted run with its outputs. The inputs' memory must stay until it has ended; destroying waits for that.
class Run {
 public:
  Run(rdu_program* program, std::span<const TensorRef> inputs, std::uint32_t num_outputs,
      const RunOptions& options)
      : outputs_(num_outputs, detail::sized<rdu_tensor>()) {
    const std::vector<rdu_tensor> raw = detail::raw_tensors(inputs);
    const rdu_run_args args = detail::run_args(raw, outputs_, options);
    rdu_event* event = nullptr;
    check(rdu_submit(program, &args, &event));
    handle_.reset(event);
  }
  Run(Run&&) = default;
  ~Run() {
    handle_.reset();
    for (rdu_tensor& tensor : outputs_) rdu_tensor_release(&tensor);
  }

  // Has it ended within the time?
  bool wait(std::uint64_t timeout_us = RDU_FOREVER) const {
    rdu_event_state state = RDU_EVENT_PENDING;
    check(rdu_event_wait(handle_.get(), timeout_us, &state));
    return state != RDU_EVENT_PENDING;
  }
  bool ended() const { return rdu_event_poll(handle_.get()) != RDU_EVENT_PENDING; }
  void cancel() { rdu_event_cancel(handle_.get()); }

  // Waits, throws what went wrong, and gives the outputs, once.
  Outputs get() {
    wait();
    check(rdu_event_get_result(handle_.get()));
    Outputs results;
    results.reserve(outputs_.size());
    for (rdu_tensor& tensor : outputs_) {
      results.emplace_back(std::exchange(tensor, detail::sized<rdu_tensor>()));
    }
    return results;
  }
  rdu_event* event() const { return handle_.get(); }

 private:
  std::vector<rdu_tensor> outputs_;
  detail::Handle<rdu_event, rdu_event_destroy> handle_;
};

class Program {
 public:
  Program(const Artifact& artifact, std::span<const Device> devices,
          const rdu_program_options* options = nullptr) {
    std::vector<rdu_device*> list;
    for (const Device& device : devices) list.push_back(device.get());
    rdu_program* program = nullptr;
    check(rdu_program_load(artifact.get(), list.data(), static_cast<std::uint32_t>(list.size()),
                           options, &program));
    handle_.reset(program);
  }
  Program(const Artifact& artifact, std::initializer_list<Device> devices)
      : Program(artifact, std::span(devices.begin(), devices.size())) {}

  // All outputs, in memory of the runtime.
  Outputs run(std::span<const TensorRef> inputs, const RunOptions& options = {}) const {
    std::vector<rdu_tensor> raw(num_outputs(options.signature), detail::sized<rdu_tensor>());
    Outputs outputs;
    outputs.reserve(raw.size());
    run_raw(inputs, raw, options);
    for (const rdu_tensor& tensor : raw) outputs.emplace_back(tensor);
    return outputs;
  }
  Outputs run(std::initializer_list<TensorRef> inputs, const RunOptions& options = {}) const {
    return run(std::span(inputs.begin(), inputs.size()), options);
  }

  // Those that are asked for, into the caller's memory.
  void run_into(std::span<const TensorRef> inputs, std::span<const TensorRef> outputs,
                const RunOptions& options = {}) const {
    std::vector<rdu_tensor> raw = detail::raw_tensors(outputs);
    run_raw(inputs, raw, options);
  }
  void run_into(std::initializer_list<TensorRef> inputs, std::initializer_list<TensorRef> outputs,
                const RunOptions& options = {}) const {
    run_into(std::span(inputs.begin(), inputs.size()), std::span(outputs.begin(), outputs.size()),
             options);
  }

  Run submit(std::span<const TensorRef> inputs, const RunOptions& options = {}) const {
    return Run(handle_.get(), inputs, num_outputs(options.signature), options);
  }
  Run submit(std::initializer_list<TensorRef> inputs, const RunOptions& options = {}) const {
    return submit(std::span(inputs.begin(), inputs.size()), options);
  }

  rdu_memory_info memory() const {
    auto info = detail::sized<rdu_memory_info>();
    check(rdu_program_get_memory(handle_.get(), &info));
    return info;
  }
  rdu_program* get() const { return handle_.get(); }

 private:
  std::uint32_t num_outputs(const char* signature) const {
    const rdu_artifact* artifact = rdu_program_get_artifact(handle_.get());
    std::uint32_t number = 0;
    if (signature) check(rdu_artifact_find_signature(artifact, signature, &number));
    auto info = detail::sized<rdu_signature_info>();
    check(rdu_artifact_get_signature(artifact, number, &info));
    return info.num_outputs;
  }

  void run_raw(std::span<const TensorRef> inputs, std::vector<rdu_tensor>& outputs,
               const RunOptions& options) const {
    const std::vector<rdu_tensor> raw = detail::raw_tensors(inputs);
    const rdu_run_args args = detail::run_args(raw, outputs, options);
    check(rdu_run(handle_.get(), &args));
  }

  detail::Handle<rdu_program, rdu_program_destroy> handle_;
};

inline State::State(const Program& program, std::uint32_t variant, const char* signature) {
  rdu_state* state = nullptr;
  check(rdu_state_create(program.get(), signature, variant, &state));
  handle_.reset(state);
}

}  // namespace rdu
