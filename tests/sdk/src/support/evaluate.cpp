// LOAD, CONST, ADD and MUL, element by element.
#include "tests/sdk/src/support/evaluate.hpp"

#include <vector>

namespace rdu::test {
namespace {

template <class T>
const T& at(const rdu_array& array, std::uint32_t i) {
  return *RDU_AT(T, array, i);
}

float* address(const rdu_graph& graph, const Addresses& bound, std::uint32_t value) {
  const auto& described = at<rdu_value>(graph.values, value);
  if (described.data) return static_cast<float*>(const_cast<void*>(described.data));
  const auto found = bound.find(described.storage);
  return found == bound.end() ? nullptr : found->second;
}

}  // namespace

bool run_node(const rdu_graph& graph, const Addresses& bound, const rdu_node& node) {
  const std::uint32_t target = at<rdu_write>(graph.writes, node.first_write).value;
  float* out = address(graph, bound, target);
  if (!out) return false;
  const std::uint64_t count = at<rdu_value>(graph.values, target).bytes / sizeof(float);
  std::vector<float> registers(node.body.num_instrs);
  for (std::uint64_t i = 0; i < count; ++i) {
    for (std::uint32_t r = 0; r < node.body.num_instrs; ++r) {
      const auto& instr = at<rdu_instr>(graph.instrs, node.body.first_instr + r);
      if (instr.op == RDU_OP_LOAD) {
        const auto& read = at<rdu_read>(graph.reads, node.first_read + instr.a);
        const float* data = address(graph, bound, read.value);
        if (!data) return false;
        registers[r] = data[i];
      } else if (instr.op == RDU_OP_CONST) {
        registers[r] = static_cast<float>(instr.imm.f);
      } else if (instr.op == RDU_OP_ADD) {
        registers[r] = registers[instr.a] + registers[instr.b];
      } else {
        registers[r] = registers[instr.a] * registers[instr.b];
      }
    }
    out[i] = registers[at<std::uint32_t>(graph.results, node.body.first_result)];
  }
  return true;
}

}  // namespace rdu::test
