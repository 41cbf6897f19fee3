// What this device declines, and why.
#pragma once

#include <rdu/plugin.hpp>
#include <string>

#include "plugins/cpu/simd/kernels.hpp"

namespace rdu::cpu {

// A reason (RDU_REASON_…); `detail` names the node and the value seen where it is not TAKEN.
std::uint32_t check_section(const Kernels& kernels, plugin::Graph graph, std::uint32_t section,
                            std::string& detail);

}  // namespace rdu::cpu
