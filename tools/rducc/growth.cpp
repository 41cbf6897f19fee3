// Checks growing states against the inputs; one variable per cache, one per length.
#include "tools/rducc/growth.hpp"

#include <algorithm>

#include "tools/rducc/ir/error.hpp"

namespace rducc {
namespace {

using import_onnx::GrowingDim;
using import_onnx::GrowthResult;
using rdu::artifact::kNone;
using rdu::artifact::SignatureTensor;
using rdu::artifact::Variant;

[[noreturn]] void refuse(const std::string& message) {
  throw CompileError(CompileErrorKind::kInvalid, "--state: " + message);
}

GrowingDim growing_dim(const StateChoice& state, std::span<const SignatureTensor> inputs) {
  const auto input = std::find_if(inputs.begin(), inputs.end(),
                                  [&](const auto& tensor) { return tensor.name == state.input; });
  if (input == inputs.end()) refuse("the model has no input '" + state.input + "'");
  const auto rank = static_cast<std::int64_t>(input->dims.size());
  const std::int64_t axis = state.axis < 0 ? state.axis + rank : state.axis;
  if (axis < 0 || axis >= rank) {
    refuse("axis " + std::to_string(state.axis) + " of the input '" + state.input + "' of rank " +
           std::to_string(rank));
  }
  const auto& dim = input->dims[static_cast<std::size_t>(axis)];
  if (dim.name.empty()) {
    refuse("dimension " + std::to_string(axis) + " of the input '" + state.input + "' is " +
           std::to_string(dim.extent) + " in the model: a state grows along a symbolic dimension");
  }
  return {state.input, static_cast<std::size_t>(axis), dim.name, state.capacity};
}

// Everything that has the dimension must grow along it, and have as much room.
void require_alike(const GrowingDim& growing, const std::vector<GrowingDim>& all,
                   std::span<const SignatureTensor> inputs) {
  for (const SignatureTensor& input : inputs) {
    for (std::size_t axis = 0; axis < input.dims.size(); ++axis) {
      if (input.dims[axis].name != growing.name) continue;
      const auto same = std::find_if(all.begin(), all.end(), [&](const GrowingDim& other) {
        return other.input == input.name && other.axis == axis;
      });
      if (same == all.end()) {
        refuse("the input '" + input.name + "' has the dimension '" + growing.name +
               "' and must grow with '" + growing.input + "': give --state OUTPUT=" + input.name +
               ":" + std::to_string(axis) + "," + std::to_string(growing.capacity));
      }
      if (same->capacity != growing.capacity) {
        refuse("the states '" + growing.input + "' and '" + same->input +
               "' share the dimension '" + growing.name + "' and have room for " +
               std::to_string(growing.capacity) + " and " + std::to_string(same->capacity));
      }
    }
  }
}

// "past + seq" as its parts; nothing where it is no sum of names and numbers.
std::vector<std::string> parts_of(const std::string& sum) {
  std::vector<std::string> parts(1);
  for (const char c : sum) {
    if (c == '+') {
      parts.emplace_back();
    } else if (c != ' ') {
      parts.back() += c;
    }
  }
  const bool whole = std::none_of(parts.begin(), parts.end(),
                                  [](const std::string& part) { return part.empty(); });
  return whole && parts.size() > 1 ? parts : std::vector<std::string>{};
}

bool is_number(const std::string& part) {
  return part.size() < 10 && part.find_first_not_of("0123456789") == part.npos;
}

bool is_dim(const std::string& name, std::span<const SignatureTensor> inputs) {
  return std::any_of(inputs.begin(), inputs.end(), [&](const SignatureTensor& input) {
    return std::any_of(input.dims.begin(), input.dims.end(),
                       [&](const auto& dim) { return dim.name == name; });
  });
}

// An input of a dimension that grows as a sum: its elements are one number, which --fix gives.
void add_sum(import_onnx::Growing& growing, const SignatureTensor& input, const std::string& dim,
             const CompileRequest& request, std::span<const SignatureTensor> inputs) {
  const std::vector<std::string> parts = parts_of(dim);
  const bool grows = std::any_of(parts.begin(), parts.end(),
                                 [&](const std::string& part) { return growing.has(part); });
  if (!grows) return;
  for (const std::string& part : parts) {
    if (is_number(part) || is_dim(part, inputs)) continue;
    refuse("the dimension '" + dim + "' of the input '" + input.name + "' grows by '" + part +
           "', which is no dimension of an input");
  }
  const auto fix = request.fixes.find(input.name);
  if (fix == request.fixes.end() || fix->second.find(',') != fix->second.npos) {
    refuse("the input '" + input.name + "' has the dimension '" + dim +
           "', which grows with a state: give the one number that fills it, --fix " + input.name +
           "=V (1 for an attention mask that hides nothing)");
  }
  growing.sums[dim] = parts;
}

std::size_t variable_of(const Variant& variant, const std::string& name) {
  const auto found = std::find_if(variant.variables.begin(), variant.variables.end(),
                                  [&](const auto& variable) { return variable.name == name; });
  if (found == variant.variables.end()) refuse("there is no state '" + name + "'");
  return static_cast<std::size_t>(found - variant.variables.begin());
}

// The variable that counts the positions in use; the first state of a dimension adds it.
std::uint32_t length_of(Variant& variant, const GrowthResult& growth) {
  auto& variables = variant.variables;
  for (std::size_t i = 0; i < variables.size(); ++i) {
    if (variables[i].read != growth.values.length) continue;
    if (variables[i].write == growth.values.total) return static_cast<std::uint32_t>(i);
    refuse("the states of the dimension '" + growth.dim.name +
           "' grow by different numbers of positions");
  }
  std::string name = growth.dim.name;
  const auto taken = [&](const auto& variable) { return variable.name == name; };
  while (std::any_of(variables.begin(), variables.end(), taken)) name += ".length";
  variables.push_back({name, growth.values.length, growth.values.total, kNone});
  return static_cast<std::uint32_t>(variables.size() - 1);
}

}  // namespace

import_onnx::Growing growing_dims(const CompileRequest& request,
                                  std::span<const SignatureTensor> inputs) {
  import_onnx::Growing result;
  std::vector<GrowingDim>& all = result.dims;
  for (const StateChoice& state : request.states) {
    if (state.capacity == 0) continue;
    GrowingDim growing = growing_dim(state, inputs);
    const auto same = [&](const GrowingDim& other) { return other.input == growing.input; };
    if (std::any_of(all.begin(), all.end(), same)) {
      refuse("the input '" + growing.input + "' grows twice");
    }
    all.push_back(std::move(growing));
  }
  for (const GrowingDim& growing : all) require_alike(growing, all, inputs);
  for (const SignatureTensor& input : inputs) {
    for (const auto& dim : input.dims) add_sum(result, input, dim.name, request, inputs);
  }
  return result;
}

std::map<std::string, std::int64_t> growth_steps(std::span<const GrowthResult> growth) {
  std::map<std::string, std::int64_t> steps;
  for (const GrowthResult& result : growth) {
    if (result.values.present != kNone) steps.emplace(result.dim.name, result.values.grows_by);
  }
  return steps;
}

void bind_growth(Variant& variant, std::span<const GrowthResult> growth) {
  for (const GrowthResult& result : growth) {
    const std::size_t number = variable_of(variant, result.dim.input);
    if (result.values.present == kNone ||
        variant.variables[number].write != result.values.present) {
      refuse("the output of the state '" + result.dim.input + "' is not the state with " +
             "positions appended along axis " + std::to_string(result.dim.axis));
    }
    const std::uint32_t length = length_of(variant, result);
    auto& variable = variant.variables[number];
    variable.length = length;
    variable.axis = static_cast<std::uint32_t>(result.dim.axis);
    variable.grows_by = result.values.grows_by;
  }
}

}  // namespace rducc
