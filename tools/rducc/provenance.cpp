// Flags in one order, whatever the order in which they were given.
#include "tools/rducc/provenance.hpp"

namespace rducc {
namespace {

template <typename Items, typename Text>
std::string joined(const Items& items, Text text) {
  std::string all;
  for (const auto& item : items) all += (all.empty() ? "" : ",") + text(item);
  return all;
}

std::string pair_text(const DimChoice& choice) {
  return choice.first + "=" + std::to_string(choice.second);
}

std::string state_text(const StateChoice& state) {
  std::string text = state.output + "=" + state.input;
  if (state.capacity == 0) return text;
  return text + ":" + std::to_string(state.axis) + "," + std::to_string(state.capacity);
}

// A chip of our own with settings; figures in a file are told by the package's hash of them.
bool names_preset(const std::string& target) {
  return target.starts_with("rdu:") && target.find('/') == target.npos &&
         target.find(".json") == target.npos;
}

}  // namespace

std::string provenance(const CompileRequest& request) {
  std::string flags;
  const auto add = [&](const char* flag, const std::string& value) {
    flags += (flags.empty() ? "" : " ") + std::string(flag) + " " + value;
  };
  for (const auto& [name, extents] : request.dims) {
    const auto text = [](std::int64_t extent) { return std::to_string(extent); };
    add("--dim", name + "=" + joined(extents, text));
  }
  for (const auto& choices : request.variants) add("--variant", joined(choices, pair_text));
  for (const auto& [name, elements] : request.fixes) add("--fix", name + "=" + elements);
  for (const auto& state : request.states) add("--state", state_text(state));
  for (const std::string& target : request.targets) {
    if (names_preset(target)) add("--target", target);
  }
  if (request.passes.precision == Precision::kBf16) add("--precision", "bf16");
  if (request.loop_bound > 0) add("--loop-bound", std::to_string(request.loop_bound));
  const std::size_t num_samples = request.data_dirs.size() + request.samples.size();
  for (std::size_t i = 0; i < num_samples; ++i) add("--data", "DIR");
  return flags;
}

}  // namespace rducc
