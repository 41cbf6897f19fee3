// Cuts SIMD contexts that one PCU cannot hold into several, joined by streams.
#pragma once

#include <rdu_hw/arch.h>

#include "sdk/base/result.hpp"
#include "tools/rducc/target/rdu/parts.hpp"

namespace rducc::rdu {

// Behind this pass each SIMD context fits into a PCU of its own: stages, an operation of the tail and what follows from it in another context,
// registers, ports, counters. The first piece keeps the context's number. What accumulates is computed in each firing; results that are needed
// once per iteration only are sent once, to pieces that fire once. Tokens to a context go to all its pieces that take nothing from another;
// its own tokens leave the last piece that fires often enough.
base::Result<void> partition_contexts(Parts& parts, const rdu_hw_arch& arch);

}  // namespace rducc::rdu
