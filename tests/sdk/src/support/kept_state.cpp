// Two buffers for each variable; success exchanges them.
#include "tests/sdk/src/support/kept_state.hpp"

#include <cstring>

namespace rdu::test {
namespace {

template <class T>
const T& at(const rdu_array& array, std::uint32_t i) {
  return *RDU_AT(T, array, i);
}

constexpr std::uintptr_t kAlignment = 4096;

}  // namespace

KeptState::KeptState(const rdu_graph& graph) : graph_(graph), variables_(graph.variables.count) {
  for (std::uint32_t k = 0; k < variables_.size(); ++k) {
    Variable& variable = variables_[k];
    variable.bytes = at<rdu_value>(graph.values, at<rdu_variable>(graph.variables, k).read).bytes;
    for (int side : {0, 1}) {
      variable.memory[side].resize(variable.bytes + kAlignment);
      const auto start = reinterpret_cast<std::uintptr_t>(variable.memory[side].data());
      variable.data[side] =
          variable.memory[side].data() + (kAlignment - start % kAlignment) % kAlignment;
    }
  }
  (void)reset();
}

plugin::Status KeptState::read(std::uint32_t variable, void* out, std::uint64_t bytes) const {
  if (variable >= variables_.size() || bytes != variables_[variable].bytes) {
    return plugin::fail(RDU_ERR_INVALID_ARGUMENT, "variable ", variable, " has not ", bytes);
  }
  std::memcpy(out, variables_[variable].data[side_], bytes);
  return {};
}

plugin::Status KeptState::write(std::uint32_t variable, const void* data, std::uint64_t bytes) {
  if (variable >= variables_.size() || bytes != variables_[variable].bytes) {
    return plugin::fail(RDU_ERR_INVALID_ARGUMENT, "variable ", variable, " has not ", bytes);
  }
  std::memcpy(variables_[variable].data[side_], data, bytes);
  return {};
}

plugin::Status KeptState::reset() {
  for (std::uint32_t k = 0; k < variables_.size(); ++k) {
    const std::uint32_t initial = at<rdu_variable>(graph_.variables, k).initial;
    Variable& variable = variables_[k];
    if (initial == RDU_NONE) {
      std::memset(variable.data[side_], 0, variable.bytes);
    } else {
      std::memcpy(variable.data[side_], at<rdu_value>(graph_.values, initial).data, variable.bytes);
    }
  }
  return {};
}

plugin::Result<std::unique_ptr<KeptState>> KeptState::clone() const {
  auto copy = std::make_unique<KeptState>(graph_);
  for (std::uint32_t k = 0; k < variables_.size(); ++k) {
    std::memcpy(copy->variables_[k].data[0], variables_[k].data[side_], variables_[k].bytes);
  }
  return copy;
}

plugin::Status KeptState::check_room(const rdu_graph& graph) const {
  for (std::uint32_t k = 0; k < variables_.size(); ++k) {
    const auto& use = at<rdu_variable>(graph.variables, k);
    if (use.length == RDU_NONE) continue;
    std::int64_t used = 0;
    std::memcpy(&used, variables_[use.length].data[side_], sizeof(used));
    if (use.grows_by <= at<rdu_value>(graph.values, use.read).dims[use.axis] - used) continue;
    return plugin::fail(RDU_ERR_LIMIT_EXCEEDED, "variable '", use.name, "' holds ", used,
                        " positions already");
  }
  return {};
}

void KeptState::bind_variable(const rdu_variable& use, Variable& variable,
                              rdu_binding& binding) const {
  if (binding.value == use.write) {
    variable.delivered = binding.data;
    if (!binding.data) binding.data = variable.data[1 - side_];
    if (use.read == use.write) std::memcpy(binding.data, variable.data[side_], variable.bytes);
  } else if (binding.value == use.read) {
    binding.data = variable.data[side_];
  }
}

plugin::Result<std::vector<rdu_binding>> KeptState::bind(const rdu_graph& graph,
                                                         const rdu_array& given) {
  if (plugin::Status room = check_room(graph); !room.ok()) return room;
  std::vector<rdu_binding> bindings;
  for (std::uint32_t i = 0; i < given.count; ++i) {
    rdu_binding& binding = bindings.emplace_back(at<rdu_binding>(given, i));
    for (std::uint32_t k = 0; k < variables_.size(); ++k) {
      bind_variable(at<rdu_variable>(graph.variables, k), variables_[k], binding);
    }
  }
  return bindings;
}

void KeptState::commit() {
  side_ = 1 - side_;
  for (Variable& variable : variables_) {
    if (variable.delivered) std::memcpy(variable.data[side_], variable.delivered, variable.bytes);
    variable.delivered = nullptr;
  }
}

}  // namespace rdu::test
