// Runs a stream through a program and checks every step and the state at the end.
#include "tools/rdu/stream.hpp"

#include <algorithm>
#include <cstring>
#include <map>

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

struct Stream {
  std::map<std::string, HostTensor> file;
  std::vector<HostTensor> inputs;
  std::map<std::size_t, std::size_t> feedback;  // input number → output number
};

// The inputs at step 0: recurrent ones zero, the others from the data set.
Stream open_stream(rdu_program* program, const std::string& file,
                   const std::vector<std::string>& data) {
  Stream stream{read_npz(file), {}, {}};
  const rdu_artifact* artifact = rdu_program_get_artifact(program);
  const rdu_signature_info signature = signature_info(artifact, 0);
  std::vector<HostTensor> given;
  if (!data.empty()) given = read_numbered(find_data_sets(data.front()).front(), "input");
  std::vector<bool> taken(signature.num_outputs, false);
  for (std::uint32_t i = 0; i < signature.num_inputs; ++i) {
    const rdu_value_info info = input_info(artifact, 0, 0, i);
    HostTensor input = make_host_tensor(info.dtype, {info.shape, info.shape + info.rank});
    std::fill_n(input.bytes.data(), input.bytes.size(), std::byte{0});
    input.name = info.name;
    const bool recurrent = stream.file.contains(std::string(kFinal) + info.name);
    for (std::uint32_t o = 1; recurrent && o < signature.num_outputs; ++o) {
      const rdu_value_info out = output_info(artifact, 0, 0, o);
      if (taken[o] || out.dtype != info.dtype || out.size_bytes != info.size_bytes) continue;
      taken[o] = true;
      stream.feedback[i] = o;
      break;
    }
    if (recurrent && !stream.feedback.contains(i)) {
      throw ToolError("no output can be fed back to the recurrent input '" + input.name + "'");
    }
    if (!recurrent && i > 0) {
      const auto same = [&](const HostTensor& t) { return t.name == input.name; };
      const auto found = std::ranges::find_if(given, same);
      const std::size_t at =
          found != given.end() ? static_cast<std::size_t>(found - given.begin()) : i;
      if (at >= given.size()) throw ToolError("input '" + input.name + "' needs --data DIR");
      input = std::move(given[at]);
      input.name = info.name;
    }
    stream.inputs.push_back(std::move(input));
  }
  return stream;
}

HostTensor clone(const HostTensor& from) {
  HostTensor to = make_host_tensor(from.dtype, from.shape);
  to.name = from.name;
  std::copy_n(from.bytes.data(), from.bytes.size(), to.bytes.data());
  return to;
}

HostTensor final_state(const Stream& stream, rdu_state* state, const std::string& input) {
  for (const auto& [i, o] : stream.feedback) {
    if (stream.inputs[i].name == input) return clone(stream.inputs[i]);
  }
  for (std::uint32_t v = 0; state != nullptr && v < rdu_state_num_variables(state); ++v) {
    HostTensor content = read_variable(state, v);
    if (content.name == input) return content;
  }
  throw ToolError("the model has no recurrent input '" + input + "'");
}

}  // namespace

std::vector<OutputCheck> verify_stream(rdu_program* program, const std::string& file,
                                       const std::vector<std::string>& data,
                                       const Tolerance& tolerance) {
  Stream stream = open_stream(program, file, data);
  if (!stream.file.contains("frames") || !stream.file.contains("outputs")) {
    throw ToolError(file + ": a stream has 'frames' and 'outputs'");
  }
  const HostTensor& frames = stream.file.at("frames");
  const HostTensor& expected = stream.file.at("outputs");
  const StatePtr state = make_state(program);
  HostTensor actual = make_host_tensor(expected.dtype, expected.shape);
  actual.name = "outputs";
  const std::int64_t steps = frames.shape.empty() ? 0 : frames.shape[0];
  const std::size_t step_bytes =
      steps == 0 ? 0 : actual.bytes.size() / static_cast<std::size_t>(steps);
  for (std::int64_t t = 0; t < steps; ++t) {
    copy_step(frames, t, stream.inputs.front());
    std::vector<HostTensor> outputs = run_once(program, stream.inputs, state.get());
    if (outputs.front().bytes.size() != step_bytes) {
      throw ToolError("a step yields " + type_text(outputs.front().dtype, outputs.front().shape) +
                      ", the file holds " + type_text(expected.dtype, expected.shape) + " for all");
    }
    std::memcpy(actual.bytes.data() + static_cast<std::size_t>(t) * step_bytes,
                outputs.front().bytes.data(), step_bytes);
    for (const auto& [input, output] : stream.feedback) {
      std::string name = stream.inputs[input].name;
      stream.inputs[input] = std::move(outputs[output]);
      stream.inputs[input].name = std::move(name);
    }
  }
  std::vector<OutputCheck> checks;
  checks.push_back({"outputs", compare(actual, expected, tolerance)});
  for (const auto& [name, tensor] : stream.file) {
    if (!name.starts_with(kFinal)) continue;
    const HostTensor end = final_state(stream, state.get(), name.substr(kFinal.size()));
    checks.push_back({name, compare(end, tensor, tolerance)});
  }
  return checks;
}

}  // namespace rdu::tool
