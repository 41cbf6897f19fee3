// Streams: a recurrent model fed frame by frame, its state carried from step to step.
#pragma once

#include <string>
#include <vector>

#include "tools/rdu/verify_case.hpp"

namespace rdu::tool {

// `file` holds frames [T, ...] for the first input, outputs [T, ...] (the first output of each step, flattened) and
// final_<input> for each recurrent input. Recurrent inputs start at zero. Where the artifact keeps them as variables a
// state object carries them, else each is fed the output after the first that is left with its dtype and shape, in
// order. Other inputs come from the first data set in `data`.
std::vector<OutputCheck> verify_stream(rdu_program* program, const std::string& file,
                                       const std::vector<std::string>& data,
                                       const Tolerance& tolerance);

}  // namespace rdu::tool
