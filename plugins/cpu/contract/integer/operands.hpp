// The operands of a contract of small integers: bytes (or 4 bits) less a zero point, summed in I32.
#pragma once

#include <optional>

#include "plugins/cpu/steps/node_scope.hpp"

namespace rdu::cpu {

// What is subtracted: a constant, or what a read yields.
struct ZeroPoint {
  std::int32_t constant = 0;
  std::uint32_t read = RDU_NONE;
};

struct IntegerOperand {
  std::uint32_t read = 0;
  ZeroPoint zero;
};

struct IntegerOperands {
  IntegerOperand first, second;
};

// Nothing where p or q compute anything else, an extent is known at run time only, or the node has more than one result.
std::optional<IntegerOperands> integer_operands(const BuildContext& context, const rdu_node& node);

}  // namespace rdu::cpu
