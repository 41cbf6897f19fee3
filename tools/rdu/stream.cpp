// Runs a stream through a program and checks every step and the state at the end.
#include "tools/rdu/stream.hpp"

#include <algorithm>
#include <cstring>

#include "tools/rdu/data_set.hpp"
#include "tools/rdu/io/npy.hpp"

namespace rdu::tool {

namespace {

constexpr std::string_view kFinal = "final_";

// Step `t` of a tensor whose first axis is time, in the shape of an input or output.
void copy_step(const HostTensor& stacked, std::int64_t t, HostTensor& step) {
  const std::size_t bytes = step.bytes.size();
  if (static_cast<std::size_t>(t + 1) * bytes > stacked.bytes.size()) {
    throw ToolError("a step of " + type_text(stacked.dtype, stacked.shape) + " is not " +
                    type_text(step.dtype, step.shape));
  }
  std::memcpy(step.bytes.data(), stacked.bytes.data() + static_cast<std::size_t>(t) * bytes, bytes);
}

HostTensor zeros(const rdu_value_info& info) {
  HostTensor tensor = make_host_tensor(info.dtype, {info.shape, info.shape + info.rank});
  std::fill_n(tensor.bytes.data(), tensor.bytes.size(), std::byte{0});
  tensor.name = info.name;
  return tensor;
}

}  // namespace

Stream::Stream(rdu_program* program, const std::string& file, const std::vector<std::string>& data)
    : file_(read_npz(file)) {
  if (!file_.contains("frames") || !file_.contains("outputs")) {
    throw ToolError(file + ": a stream has 'frames' and 'outputs'");
  }
  if (!data.empty()) given_ = read_numbered(find_data_sets(data.front()).front(), "input");
  const rdu_artifact* artifact = rdu_program_get_artifact(program);
  const rdu_signature_info signature = signature_info(artifact, 0);
  for (std::uint32_t i = 0; i < signature.num_inputs; ++i) {
    add_input(artifact, i, signature.num_outputs);
  }
}

// At step 0 recurrent inputs are zero; the others come from the data set.
void Stream::add_input(const rdu_artifact* artifact, std::uint32_t number,
                       std::uint32_t num_outputs) {
  const rdu_value_info info = input_info(artifact, 0, 0, number);
  HostTensor input = zeros(info);
  if (file_.contains(std::string(kFinal) + info.name)) {
    find_feedback(artifact, info, number, num_outputs);
  } else if (number > 0) {
    const auto same = [&](const HostTensor& t) { return t.name == input.name; };
    const auto found = std::ranges::find_if(given_, same);
    const std::size_t at =
        found != given_.end() ? static_cast<std::size_t>(found - given_.begin()) : number;
    if (at >= given_.size()) throw ToolError("input '" + input.name + "' needs --data DIR");
    input = clone(given_[at]);
    input.name = info.name;
  }
  inputs_.push_back(std::move(input));
}

void Stream::find_feedback(const rdu_artifact* artifact, const rdu_value_info& input,
                           std::uint32_t number, std::uint32_t num_outputs) {
  for (std::uint32_t o = 1; o < num_outputs; ++o) {
    const rdu_value_info out = output_info(artifact, 0, 0, o);
    const bool taken = std::ranges::any_of(feedback_, [&](const auto& f) { return f.second == o; });
    if (taken || out.dtype != input.dtype || out.size_bytes != input.size_bytes) continue;
    feedback_[number] = o;
    return;
  }
  throw ToolError(std::string("no output can be fed back to the recurrent input '") + input.name +
                  "'");
}

std::int64_t Stream::num_steps() const {
  const HostTensor& frames = file_.at("frames");
  return frames.shape.empty() ? 0 : frames.shape[0];
}

std::vector<HostTensor>& Stream::inputs(std::int64_t step) {
  copy_step(file_.at("frames"), step, inputs_.front());
  return inputs_;
}

void Stream::feed(std::vector<HostTensor>& outputs) {
  for (const auto& [input, output] : feedback_) {
    std::string name = inputs_[input].name;
    inputs_[input] = std::move(outputs[output]);
    inputs_[input].name = std::move(name);
  }
}

HostTensor Stream::recurrent(const std::string& input, rdu_state* state) const {
  for (const auto& [number, output] : feedback_) {
    if (inputs_[number].name == input) return clone(inputs_[number]);
  }
  if (state == nullptr) throw ToolError("the model has no recurrent input '" + input + "'");
  return read_variable(state, input);
}

std::vector<OutputCheck> verify_stream(rdu_program* program, const std::string& file,
                                       const std::vector<std::string>& data,
                                       const Tolerance& tolerance) {
  Stream stream(program, file, data);
  const HostTensor& expected = stream.file().at("outputs");
  const StatePtr state = make_state(program);
  HostTensor actual = make_host_tensor(expected.dtype, expected.shape);
  actual.name = "outputs";
  const std::int64_t steps = stream.num_steps();
  const std::size_t step_bytes =
      steps == 0 ? 0 : actual.bytes.size() / static_cast<std::size_t>(steps);
  for (std::int64_t t = 0; t < steps; ++t) {
    std::vector<HostTensor> outputs = run_once(program, stream.inputs(t), state.get());
    if (outputs.front().bytes.size() != step_bytes) {
      throw ToolError("a step yields " + type_text(outputs.front().dtype, outputs.front().shape) +
                      ", the file holds " + type_text(expected.dtype, expected.shape) + " for all");
    }
    std::memcpy(actual.bytes.data() + static_cast<std::size_t>(t) * step_bytes,
                outputs.front().bytes.data(), step_bytes);
    stream.feed(outputs);
  }
  std::vector<OutputCheck> checks;
  checks.push_back({"outputs", compare(actual, expected, tolerance)});
  for (const auto& [name, tensor] : stream.file()) {
    if (!name.starts_with(kFinal)) continue;
    const HostTensor end = stream.recurrent(name.substr(kFinal.size()), state.get());
    checks.push_back({name, compare(end, tensor, tolerance)});
  }
  return checks;
}

}  // namespace rdu::tool
