// One map node made ready to run: where its operands lie, and what its vector program does to them.
#pragma once

#include <array>
#include <cstdint>
#include <functional>
#include <rdu/plugin.hpp>
#include <vector>

#include "vector_ops.hpp"

namespace mapper {

class MapKernel {
 public:
  // Which entry of the slots given to run() holds a value.
  using SlotOf = std::function<std::uint32_t(std::uint32_t value)>;

  // `node` has been judged TAKEN.
  MapKernel(rdu::plugin::Graph graph, const rdu_node& node, const SlotOf& slot_of);

  std::uint64_t num_registers() const { return program_.size(); }

  // slots[i]: the first element of a value. `registers`: room for num_registers() * kLanes.
  void run(float* const* slots, float* registers) const;

 private:
  using Position = std::array<std::int64_t, RDU_MAX_LOOPS>;

  // An affine access with div 1 is linear in the loops, so it becomes one step per loop: element
  // first + Σ steps[loop] · position[loop] of the slot.
  struct Operand {
    std::uint32_t slot = 0;
    std::int64_t first = 0;
    Position steps{};

    std::int64_t element(const Position& position) const;
  };

  struct Instruction {
    VectorOp op = nullptr;  // NULL: a constant, or a load where `read` is not RDU_NONE
    std::uint32_t read = RDU_NONE;
    float constant = 0;
    std::uint32_t a = 0, b = 0, c = 0;
  };

  template <class Access>
  static Operand make_operand(rdu::plugin::Graph graph, const Access& access,
                              const SlotOf& slot_of);
  static Instruction make_instruction(const rdu_instr& instr);

  void run_block(float* const* slots, const Position& position, std::int64_t lanes,
                 float* registers) const;

  std::vector<std::int64_t> extents_;  // of the loops; at least one
  std::vector<Operand> reads_;
  std::vector<Instruction> program_;
  std::vector<Operand> writes_;
  std::vector<std::uint32_t> results_;  // the register that goes to each write
};

}  // namespace mapper
