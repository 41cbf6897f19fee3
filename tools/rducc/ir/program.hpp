// Edits of vector programs.
#pragma once

#include <cstdint>
#include <functional>
#include <span>
#include <vector>

#include "sdk/artifact/model.hpp"

namespace rducc::ir {

using rdu::artifact::Instr;
using rdu::artifact::Program;

// The operands that are registers: not the numbers of reads and loops.
void for_each_operand(Instr& instr, const std::function<void(std::uint32_t&)>& visit);
bool uses_read(const Instr& instr);  // LOAD or INSIDE

// One register per distinct computation, none that leads to no result.
Program simplify(const Program& program);

// What replaces an instruction: appends to the code and says which register stands for it.
using Expand = std::function<std::uint32_t(std::vector<Instr>& code)>;
// The program with every instruction for which `expand` gives something replaced by that.
Program rewrite(const Program& program, const std::function<Expand(const Instr&)>& expand);

// Appends `inner` to the code, its own registers renumbered; `adapt` may change its instructions or
// replace them. The register of its result.
std::uint32_t append_program(std::vector<Instr>& code, const Program& inner, std::size_t result,
                             const std::function<Expand(Instr&)>& adapt);

// Does running it at a point cost about as much as reading an element? No division, no
// transcendental function, at most `most` operations.
bool is_cheap(const Program& program, std::size_t most);
std::size_t num_operations(const Program& program);  // loads and constants are none
bool has_op(const Program& program, rdu_body_op op);
// One LOAD and its register as the only result.
bool is_copy(const Program& program);

}  // namespace rducc::ir
