// What each operation of a vector program computes.
#pragma once

#include <cstdint>

#include "plugins/reference/scalar.hpp"

namespace rdu::reference {

// An instruction made ready: operand registers that are not used are 0.
struct Instruction {
  std::uint32_t op = RDU_OP_CONST;
  rdu_dtype dtype = RDU_DTYPE_NONE;    // of the result
  rdu_dtype operand = RDU_DTYPE_NONE;  // of register a
  std::uint32_t a = 0, b = 0, c = 0;
  Scalar imm{};
};

// The result of an operation that depends on its operands only.
Scalar apply(const Instruction& instruction, const Scalar* registers);

// Is `op` defined on operands of this kind? (For SELECT: on the kind of what it selects.)
bool defined_on(std::uint32_t op, Kind kind);

// RNG: uniform in [0, 1), of a float dtype.
double random_uniform(rdu_dtype dtype, std::uint64_t seed, std::uint64_t position);

}  // namespace rdu::reference
