// A shifted operand reads 0 in lanes that are not valid; a PCU's shift reads what the register holds. The difference is made here.
#pragma once

#include <rdu_hw/arch.h>

#include "tools/rducc/target/rdu/parts.hpp"

namespace rducc::rdu {

// Behind this pass every shifted operand is a result, 0 in lanes that are not valid. It holds for a part of the context, too, whose inputs are
// results that another part sent: elements have zeros in those lanes.
void mask_shifts(Context& context, const rdu_hw_arch& arch);

}  // namespace rducc::rdu
