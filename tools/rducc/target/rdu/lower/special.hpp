// Functions that not every chip has, made of those it has.
#pragma once

#include <rdu_hw/arch.h>

#include "tools/rducc/target/rdu/flow.hpp"

namespace rducc::rdu::lower {

bool can_compute(const rdu_hw_arch& arch, rdu_hw_op op);

// The error function; where the chip has none, by exp and a division, to 2e-7. Declines where it has neither.
Value emit_erf(Simd& simd, Value x, const rdu_hw_arch& arch);

// Rounded to bf16, to nearest even; where the chip has no such cast, by integers.
Value emit_bf16(Simd& simd, Value x, const rdu_hw_arch& arch);

}  // namespace rducc::rdu::lower
