// The records of a section whose units are placed and whose links are routed: stages, registers, port numbers, addresses in scratchpads.
#pragma once

#include <rdu_hw/arch.h>

#include "drivers/image/program.hpp"
#include "tools/rducc/target/rdu/route.hpp"

namespace rducc::rdu {

// `bases`: of each unit, where in its scratchpad its buffers begin.
rdu_hw::image::Section encode_section(const Parts& parts, const std::vector<Unit>& units,
                                      const std::vector<Site>& sites,
                                      const std::vector<std::uint64_t>& bases,
                                      const std::vector<Route>& routes, const rdu_hw_arch& arch);

}  // namespace rducc::rdu
