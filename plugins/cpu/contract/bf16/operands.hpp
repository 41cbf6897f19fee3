// The operands of a contract some of whose values are 16-bit floats.
#pragma once

#include "plugins/cpu/contract/operands.hpp"

namespace rdu::cpu {

struct NarrowOperands {
  Operands places;      // dtypes are those of memory: BF16 or F32
  bool narrow = false;  // both are BF16 when they meet
};

// As if no value had a layout of its own. Nothing where a program does more than load and convert, where nothing is BF16,
// or where the sum is not F32.
std::optional<NarrowOperands> narrow_operands(const BuildContext& context, const rdu_node& node);

}  // namespace rdu::cpu
