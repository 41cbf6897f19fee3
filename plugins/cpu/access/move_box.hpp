// Moves a box between memory and a register.
#pragma once

#include "plugins/cpu/access/row_walk.hpp"

namespace rdu::cpu {

// The register with the box's elements: `slot`, filled, or the memory itself where it already looks like a register.
const void* load_box(const MoveContext& context, const Access& access, const Box& box, void* slot);

// slot[i] = was the point inside? BOOL. `access` was lowered with OutsideRule::kFill.
void load_mask(const MoveContext& context, const Access& access, const Box& box, void* slot);

// slot[i] = base + sum coef * loop, as I64.
void load_positions(std::int64_t base, const LoopArray& coef, const Box& box, std::int64_t* slot);

void store_box(const MoveContext& context, const Access& access, const Box& box, const void* slot);

// Where the box lies in memory if it looks like a register there, else null.
std::byte* dense_memory(const MoveContext& context, const Access& access, const Box& box);

// The element at the start of a box, where the access is affine.
std::int64_t first_element(const Access& access, const Box& box);

}  // namespace rdu::cpu
