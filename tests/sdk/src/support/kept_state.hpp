// The variables of one stream as a device of the tests keeps them: what a run leaves counts after commit() only.
#pragma once

#include <cstdint>
#include <memory>
#include <rdu/plugin.hpp>
#include <vector>

namespace rdu::test {

class KeptState {
 public:
  // At the initial values of the graph's variables. The graph outlives the state.
  explicit KeptState(const rdu_graph& graph);

  plugin::Status read(std::uint32_t variable, void* out, std::uint64_t bytes) const;
  plugin::Status write(std::uint32_t variable, const void* data, std::uint64_t bytes);
  plugin::Status reset();
  plugin::Result<std::unique_ptr<KeptState>> clone() const;

  // The bindings of a run of `graph`, whose variables are those of the state, with memory for the variables.
  // LIMIT_EXCEEDED: there is no room for what grows.
  plugin::Result<std::vector<rdu_binding>> bind(const rdu_graph& graph, const rdu_array& given);
  void commit();

 private:
  struct Variable {
    std::vector<std::byte> memory[2];
    std::byte* data[2];  // aligned
    std::uint64_t bytes = 0;
    const void* delivered = nullptr;  // where the host wants what the run leaves
  };
  plugin::Status check_room(const rdu_graph& graph) const;
  void bind_variable(const rdu_variable& use, Variable& variable, rdu_binding& binding) const;

  const rdu_graph& graph_;
  std::vector<Variable> variables_;
  std::uint32_t side_ = 0;
};

}  // namespace rdu::test
