// What plugins make of constants, kept for later loads.
#pragma once

#include <span>
#include <vector>

#include "sdk/src/runtime/artifact.hpp"
#include "sdk/src/runtime/device.hpp"

namespace rdu::runtime {

class Program;

// What a device finds in the artifact of what its plugin packed; nothing: {NULL, 0}.
rdu_bytes packed_for(const artifact::Artifact& file, const Device& device);

// As rdu_program_pack says.
Status pack_programs(std::span<Program* const> programs, std::vector<std::byte>& out);

}  // namespace rdu::runtime
