// READs that send scalars, on chips whose PMUs have no scalar outputs.
#pragma once

#include <rdu_hw/arch.h>

#include "tools/rducc/target/rdu/parts.hpp"

namespace rducc::rdu {

// Such a READ sends vectors, of which a PCU sends lane 0 on.
void adapt_reads(Parts& parts, const rdu_hw_arch& arch);

}  // namespace rducc::rdu
