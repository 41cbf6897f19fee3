// Matches tensors from files with a program's inputs, variables and outputs.
#pragma once

#include <string>
#include <vector>

#include "tools/rdu/compare.hpp"
#include "tools/rdu/session.hpp"

namespace rdu::tool {

// A state where the program has variables, else null.
StatePtr make_state(rdu_program* program);

// Tensors that carry an input's or a variable's name go there, the others to the inputs left over, in order. Variables
// are written into `state`. Throws ToolError naming the input that nothing was found for.
std::vector<HostTensor> bind_inputs(rdu_program* program, rdu_state* state,
                                    std::vector<HostTensor> tensors);

// The content of a variable.
HostTensor read_variable(rdu_state* state, std::uint32_t index);
HostTensor read_variable(rdu_state* state, const std::string& name);  // one that exists

struct OutputCheck {
  std::string name;
  Comparison comparison;
};

// Judges each expected tensor against the output (or variable) of its name, else the one at its position.
std::vector<OutputCheck> check_outputs(const std::vector<HostTensor>& outputs, rdu_state* state,
                                       const std::vector<HostTensor>& expected,
                                       const Tolerance& tolerance);

}  // namespace rdu::tool
