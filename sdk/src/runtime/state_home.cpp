// Looks for the variables' storages among the values that cross the borders of sections.
#include "sdk/src/runtime/state_home.hpp"

#include <algorithm>
#include <vector>

#include "sdk/artifact/view.hpp"

namespace rdu::runtime {
namespace {

class VariableUses {
 public:
  explicit VariableUses(const rdu_graph& graph)
      : graph_(graph), is_variable_(graph.values.count), written_(graph.values.count) {
    for (const auto& variable : artifact::each<rdu_variable>(graph.variables)) {
      is_variable_[variable.read] = is_variable_[variable.write] = true;
    }
  }

  // Does one of the sections use a variable? Remembers which are written.
  bool visit(const StepPlacement& step) {
    bool any = false;
    for (std::uint32_t s = step.first_section; s < step.end_section; ++s) {
      const auto& section = artifact::at<rdu_section>(graph_.sections, s);
      for (const std::uint32_t id :
           artifact::list(graph_, section.first_input, section.num_inputs)) {
        any = any || is_variable_[id];
      }
      for (const std::uint32_t id :
           artifact::list(graph_, section.first_output, section.num_outputs)) {
        any = any || is_variable_[id];
        written_[id] = true;
      }
    }
    return any;
  }

  bool all_written() const {
    const auto variables = artifact::each<rdu_variable>(graph_.variables);
    for (const rdu_variable& variable : variables) {
      if (!written_[variable.write]) return false;
    }
    return true;
  }

 private:
  const rdu_graph& graph_;
  std::vector<bool> is_variable_;
  std::vector<bool> written_;
};

}  // namespace

std::uint32_t sole_user_of_variables(const rdu_graph& graph, std::span<const StepPlacement> steps) {
  if (graph.variables.count == 0 || steps.empty()) return RDU_NO_INDEX;
  VariableUses uses(graph);
  for (const StepPlacement& step : steps.first(steps.size() - 1)) {
    if (uses.visit(step)) return RDU_NO_INDEX;
  }
  const bool used = uses.visit(steps.back());
  return used && uses.all_written() ? static_cast<std::uint32_t>(steps.size() - 1) : RDU_NO_INDEX;
}

std::uint32_t state_device(const SignatureSpec& signature,
                           std::span<const VariantPlacement* const> variants,
                           const Devices& devices) {
  std::uint32_t device = RDU_NO_INDEX;
  for (std::size_t v = 0; v < variants.size(); ++v) {
    if (signature.variants[v].variables.empty()) return RDU_NO_INDEX;
    const auto& steps = variants[v]->steps;
    const std::uint32_t step = sole_user_of_variables(*signature.variants[v].graph, steps);
    if (step == RDU_NO_INDEX || (v > 0 && steps[step].device != device)) return RDU_NO_INDEX;
    device = steps[step].device;
  }
  if (device == RDU_NO_INDEX) return device;
  return devices[device]->keeps_state() ? device : RDU_NO_INDEX;
}

}  // namespace rdu::runtime
