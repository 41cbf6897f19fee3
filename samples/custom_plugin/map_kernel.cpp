// Evaluates a map one row at a time: each instruction of the vector program runs over a block of points.
#include "map_kernel.hpp"

#include <algorithm>

namespace mapper {

namespace plugin = rdu::plugin;

template <class Access>
MapKernel::Operand MapKernel::make_operand(plugin::Graph graph, const Access& access,
                                           const SlotOf& slot_of) {
  Operand operand;
  operand.slot = slot_of(access.value);
  const auto strides = plugin::element_strides(graph.value(access.value));
  const auto indices = graph.indices(access);
  for (std::uint32_t dim = 0; dim < indices.size(); ++dim) {
    operand.first += strides[dim] * indices[dim].offset;
    for (const rdu_term& term : graph.terms(indices[dim])) {
      operand.steps[term.loop] += strides[dim] * term.coef;
    }
  }
  return operand;
}

MapKernel::Instruction MapKernel::make_instruction(const rdu_instr& instr) {
  if (instr.op == RDU_OP_LOAD) return {.read = instr.a};
  if (instr.op == RDU_OP_CONST) return {.constant = static_cast<float>(instr.imm.f)};
  const std::uint32_t operands = plugin::num_operands(instr.op);
  return {.op = find_vector_op(instr.op),
          .a = instr.a,
          .b = operands > 1 ? instr.b : instr.a,
          .c = operands > 2 ? instr.c : instr.a};
}

MapKernel::MapKernel(plugin::Graph graph, const rdu_node& node, const SlotOf& slot_of) {
  for (const rdu_loop& loop : graph.loops(node)) extents_.push_back(loop.extent);
  if (extents_.empty()) extents_.push_back(1);  // a scalar is a row of one
  for (const rdu_read& read : graph.reads(node)) {
    reads_.push_back(make_operand(graph, read, slot_of));
  }
  for (const rdu_instr& instr : graph.instrs(node.body)) {
    program_.push_back(make_instruction(instr));
  }
  for (const rdu_write& write : graph.writes(node)) {
    writes_.push_back(make_operand(graph, write, slot_of));
  }
  for (std::uint32_t result : graph.results(node.body)) results_.push_back(result);
}

std::int64_t MapKernel::Operand::element(const Position& position) const {
  std::int64_t at = first;
  for (std::size_t loop = 0; loop < position.size(); ++loop) at += steps[loop] * position[loop];
  return at;
}

void MapKernel::run(float* const* slots, float* registers) const {
  if (std::count(extents_.begin(), extents_.end(), 0) != 0) return;
  const std::size_t inner = extents_.size() - 1;
  Position position{};
  for (;;) {
    for (position[inner] = 0; position[inner] < extents_[inner]; position[inner] += kLanes) {
      const std::int64_t lanes = std::min(kLanes, extents_[inner] - position[inner]);
      run_block(slots, position, lanes, registers);
    }
    std::size_t loop = inner;
    do {
      if (loop == 0) return;
      position[loop--] = 0;
    } while (++position[loop] == extents_[loop]);
  }
}

void MapKernel::run_block(float* const* slots, const Position& position, std::int64_t lanes,
                          float* registers) const {
  const std::size_t inner = extents_.size() - 1;
  const auto at = [registers](std::uint32_t number) { return registers + number * kLanes; };
  for (std::uint32_t i = 0; i < program_.size(); ++i) {
    const Instruction& instruction = program_[i];
    if (instruction.op != nullptr) {
      instruction.op(at(instruction.a), at(instruction.b), at(instruction.c), at(i), lanes);
    } else if (instruction.read == RDU_NONE) {
      std::fill_n(at(i), lanes, instruction.constant);
    } else {
      const Operand& read = reads_[instruction.read];
      const float* from = slots[read.slot] + read.element(position);
      for (std::int64_t n = 0; n < lanes; ++n) at(i)[n] = from[n * read.steps[inner]];
    }
  }
  for (std::size_t w = 0; w < writes_.size(); ++w) {
    float* to = slots[writes_[w].slot] + writes_[w].element(position);
    const float* from = at(results_[w]);
    for (std::int64_t n = 0; n < lanes; ++n) to[n * writes_[w].steps[inner]] = from[n];
  }
}

}  // namespace mapper
