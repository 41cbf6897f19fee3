// Many nodes in a section of the chip at once: what they hand on never leaves it.
#pragma once

#include "tools/rducc/target/rdu/lower/payload.hpp"

namespace rducc::rdu::lower {

// As make_payload. Nodes share the chip in proportion to their work, sections are as long as fits.
base::Result<Payload> make_spatial_payload(const Work& work, const chip::TargetOptions& options,
                                           const Budgets& budgets);

}  // namespace rducc::rdu::lower
