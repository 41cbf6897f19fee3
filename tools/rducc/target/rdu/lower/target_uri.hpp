// "rdu:PRESET?key=value&…" as a target: a chip, figures of it that are changed, and how to compile.
#pragma once

#include <string_view>

#include "tools/rducc/target/rdu/lower/target.hpp"

namespace rducc::chip {

bool is_chip_uri(std::string_view uri);

// Keys `schedule` (kernel, spatial) and `seed` are the compiler's; all others change figures of the chip, as "pcu.lanes=8".
rdu::base::Result<TargetOptions> parse_target(std::string_view uri);

}  // namespace rducc::chip
