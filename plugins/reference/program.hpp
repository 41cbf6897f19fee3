// A vector program, decoded once and evaluated at one point.
#pragma once

#include <cstdint>
#include <rdu/plugin/graph.hpp>
#include <vector>

#include "plugins/reference/access.hpp"
#include "plugins/reference/arithmetic.hpp"

namespace rdu::reference {

struct Program {
  std::vector<Instruction> code;
  std::vector<std::uint32_t> results;  // registers
  std::vector<std::uint32_t> reads;    // that it loads, ascending

  rdu_dtype result_dtype(std::size_t k) const { return code[results[k]].dtype; }
};

// What a program may see at a point.
struct Point {
  const Cursor* reads = nullptr;
  const Domain* domain = nullptr;
  std::uint32_t num_loops = 0;  // of the domain that this program runs over
  Scalar accumulated{};         // ACC
};

Program decode(const plugin::Graph& graph, const rdu_node& node, const rdu_program_code& code);

// Fills `registers`, one per instruction.
void evaluate(const Program& program, const Point& point, Scalar* registers);

}  // namespace rdu::reference
