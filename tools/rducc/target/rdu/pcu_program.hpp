// What a SIMD context takes of a PCU: the order of its operations, their stages and registers.
#pragma once

#include <rdu_hw/arch.h>

#include <vector>

#include "tools/rducc/target/rdu/parts.hpp"

namespace rducc::rdu {

enum class Seat { kBody, kTail, kNowhere };

// Where this chip computes the operation.
Seat seat_of(const Operation& operation, const rdu_hw_arch& arch);
// Stages of the body that it occupies.
std::uint32_t stages_of(const Operation& operation, const rdu_hw_arch& arch);
bool accumulates(const Operation& operation);
bool picks(const Operation& operation);
// Whether `value` is a result of an operation, and so has a register.
bool is_computed(const Value& value);

struct PcuProgram {
  std::vector<std::uint32_t> order;      // numbers of operations
  std::vector<std::uint32_t> results;    // registers, by operation
  std::vector<std::uint32_t> positions;  // registers, by operation; RDU_HW_NONE where there is none
  std::uint32_t stages = 0;              // of the body
  std::uint32_t registers = 0;
  bool tail = false;

  // From a firing to what it sends: through all stages, used or not.
  std::uint32_t latency(const rdu_hw_arch& arch) const { return arch.pcu.stages + (tail ? 1 : 0); }
};

// The operations in their order but for the one of the tail, which is last. Assumes that each has a seat; how much of it a chip has is not
// asked. An accumulator keeps its register to itself: the register is its memory from firing to firing.
PcuProgram lay_out(const Context& context, const rdu_hw_arch& arch);

}  // namespace rducc::rdu
