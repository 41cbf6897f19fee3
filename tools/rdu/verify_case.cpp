// Binds what files hold to what a program takes, and checks what it gives.
#include "tools/rdu/verify_case.hpp"

#include <algorithm>
#include <optional>

namespace rdu::tool {

namespace {

std::optional<std::uint32_t> find_variable(rdu_state* state, const std::string& name) {
  if (state == nullptr) return std::nullopt;
  for (std::uint32_t i = 0; i < rdu_state_num_variables(state); ++i) {
    rdu_value_info info = {};
    info.header = RDU_HEADER(rdu_value_info);
    check(rdu_state_get_variable(state, i, &info));
    if (name == info.name) return i;
  }
  return std::nullopt;
}

std::optional<std::size_t> find_name(const std::vector<std::string>& names,
                                     const std::string& name) {
  for (std::size_t i = 0; i < names.size(); ++i) {
    if (!name.empty() && names[i] == name) return i;
  }
  return std::nullopt;
}

// The output of that name, the variable of that name, or the output at the position where nothing has the name.
HostTensor actual_for(const HostTensor& expected, std::size_t position,
                      const std::vector<HostTensor>& outputs, rdu_state* state) {
  for (const HostTensor& output : outputs) {
    if (!expected.name.empty() && output.name == expected.name) return clone(output);
  }
  if (const auto variable = find_variable(state, expected.name))
    return read_variable(state, *variable);
  if (position < outputs.size()) return clone(outputs[position]);
  throw ToolError("expected output " + std::to_string(position) + " '" + expected.name +
                  "' is no output of the program, which has " + std::to_string(outputs.size()));
}

}  // namespace

StatePtr make_state(rdu_program* program) {
  const rdu_artifact* artifact = rdu_program_get_artifact(program);
  if (signature_info(artifact, 0).num_variables == 0) return nullptr;
  rdu_state* state = nullptr;
  check(rdu_state_create(program, nullptr, 0, &state));
  return StatePtr(state);
}

std::vector<HostTensor> bind_inputs(rdu_program* program, rdu_state* state,
                                    std::vector<HostTensor> tensors) {
  const rdu_artifact* artifact = rdu_program_get_artifact(program);
  std::vector<std::string> names;
  for (std::uint32_t i = 0; i < signature_info(artifact, 0).num_inputs; ++i) {
    names.emplace_back(input_info(artifact, 0, 0, i).name);
  }
  std::vector<std::optional<HostTensor>> bound(names.size());
  std::vector<HostTensor> unnamed;
  for (HostTensor& tensor : tensors) {
    if (const auto variable = find_variable(state, tensor.name)) {
      check(rdu_state_write(state, tensor.name.c_str(), tensor.bytes.size(), tensor.bytes.data()));
    } else if (const auto input = find_name(names, tensor.name)) {
      bound[*input] = std::move(tensor);
    } else {
      unnamed.push_back(std::move(tensor));
    }
  }
  std::size_t next = 0;
  std::vector<HostTensor> inputs;
  for (std::size_t i = 0; i < names.size(); ++i) {
    if (!bound[i] && next < unnamed.size()) bound[i] = std::move(unnamed[next++]);
    if (!bound[i]) throw ToolError("no data for input '" + names[i] + "'");
    bound[i]->name = names[i];
    inputs.push_back(std::move(*bound[i]));
  }
  return inputs;
}

HostTensor read_variable(rdu_state* state, std::uint32_t index) {
  rdu_value_info info = {};
  info.header = RDU_HEADER(rdu_value_info);
  check(rdu_state_get_variable(state, index, &info));
  HostTensor tensor = make_host_tensor(info.dtype, {info.shape, info.shape + info.rank});
  tensor.name = info.name;
  check(rdu_state_read(state, info.name, tensor.bytes.size(), tensor.bytes.data()));
  return tensor;
}

HostTensor read_variable(rdu_state* state, const std::string& name) {
  const auto index = find_variable(state, name);
  if (!index) throw ToolError("the state has no variable '" + name + "'");
  return read_variable(state, *index);
}

std::vector<OutputCheck> check_outputs(const std::vector<HostTensor>& outputs, rdu_state* state,
                                       const std::vector<HostTensor>& expected,
                                       const Tolerance& tolerance) {
  std::vector<OutputCheck> checks;
  for (std::size_t i = 0; i < expected.size(); ++i) {
    const HostTensor actual = actual_for(expected[i], i, outputs, state);
    checks.push_back({actual.name, compare(actual, expected[i], tolerance)});
  }
  return checks;
}

}  // namespace rdu::tool
