// Looks at every cast to 8 bits in every program.
#include "tools/rducc/passes/cancel_round_trips.hpp"

#include "tools/rducc/analysis/dequantised.hpp"
#include "tools/rducc/ir/inline_map.hpp"
#include "tools/rducc/ir/program.hpp"

namespace rducc::passes {
namespace {

using rdu::artifact::Program;

bool cancel_in(Program& program) {
  bool changed = false;
  std::vector<std::uint32_t> stands_for(program.code.size());
  for (std::uint32_t i = 0; i < program.code.size(); ++i) {
    const auto origin = analysis::match_round_trip(program, i);
    stands_for[i] = origin ? stands_for[*origin] : i;
    changed = changed || origin;
  }
  if (!changed) return false;
  for (auto& instr : program.code) {
    ir::for_each_operand(instr, [&](std::uint32_t& operand) { operand = stands_for[operand]; });
  }
  for (std::uint32_t& result : program.results) result = stands_for[result];
  program = ir::simplify(program);
  return true;
}

}  // namespace

void cancel_round_trips(rdu::artifact::Variant& variant) {
  for (auto& graph : variant.graphs) {
    for (auto& node : graph.nodes) {
      const bool body = cancel_in(node.body), epilogue = cancel_in(node.epilogue);
      if (body || epilogue) ir::compact_reads(node);
    }
  }
}

}  // namespace rducc::passes
