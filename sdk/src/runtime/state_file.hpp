// The variables of a state in a file.
#pragma once

#include "sdk/src/runtime/state.hpp"

namespace rdu::runtime {

// The state is held by the caller.
Status save_state(const State& state, const char* path);

// All variables, or an error and the state as it was.
Status load_state(State& state, const char* path);

}  // namespace rdu::runtime
