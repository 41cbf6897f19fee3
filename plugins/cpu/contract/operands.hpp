// The operands of a contract as a library sees them: two plain f32 reads and an affine f32 result.
#pragma once

#include <optional>

#include "plugins/cpu/steps/node_scope.hpp"

namespace rdu::cpu {

struct Operands {
  std::uint32_t first_read = 0, second_read = 0;
  Access first, second, result;
};

// The loops whose extents only a run knows, as bits.
std::uint32_t bounded_loops(const BuildContext& context, const rdu_node& node);

// As if no value lay in blocks of channels. Nothing where p or q compute, an operand or the sum is not f32, or the result
// is not one affine write.
std::optional<Operands> plain_operands(const BuildContext& context, const rdu_node& node);

}  // namespace rdu::cpu
