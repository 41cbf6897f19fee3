// One node after another, as "kernel" does it, but what they hand on stays in scratchpads where it fits.
#pragma once

#include "tools/rducc/target/rdu/lower/payload.hpp"

namespace rducc::rdu::lower {

// As make_payload.
base::Result<Payload> make_kernel_sram_payload(const Work& work, const chip::TargetOptions& options,
                                               const Budgets& budgets);

}  // namespace rducc::rdu::lower
