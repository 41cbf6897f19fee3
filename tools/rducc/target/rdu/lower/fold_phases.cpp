// i = s · i' + p and r = s · r' + first + step · p, with p a loop: one node for all phases, whose results are whole rows.
#include <algorithm>

#include "tools/rducc/target/rdu/lower/phases.hpp"

namespace rducc::rdu::lower {
namespace {

using artifact::Index;
using artifact::Node;
using artifact::Term;

// Of the first tap, from a phase to the next; nothing where it jumps.
std::optional<std::int64_t> even_step(const Exact& exact) {
  const std::int64_t first = exact.first_tap(0), step = exact.first_tap(1) - first;
  for (std::int64_t p = 2; p < exact.divisor; ++p) {
    if (exact.first_tap(p) != first + p * step) return {};
  }
  return step;
}

template <class Visit>
void visit_indices(artifact::Access& access, const Visit& visit) {
  for (Index& index : access) {
    visit(index);
    visit_indices(index.source_access, visit);
  }
}

template <class Visit>
void for_each_index(Node& node, const Visit& visit) {
  for (artifact::Read& read : node.reads) visit_indices(read.access, visit);
  for (artifact::Write& write : node.writes) visit_indices(write.access, visit);
}

// How far the index moves with a step of the loop.
std::int64_t coef(const Index& index, std::uint32_t loop) {
  const auto term = std::find_if(index.terms.begin(), index.terms.end(),
                                 [&](const Term& each) { return each.loop == loop; });
  return term == index.terms.end() ? 0 : term->coef;
}

// A parallel loop before all that are numbered `at` or more.
void insert_loop(Node& node, std::uint32_t at, std::int64_t extent) {
  node.loops.insert(node.loops.begin() + at, {extent, artifact::kNone, RDU_LOOP_PLAIN});
  ++node.num_parallel;
  for_each_index(node, [&](Index& index) {
    for (Term& term : index.terms) term.loop += term.loop >= at ? 1 : 0;
  });
  for (artifact::Program* program : {&node.body, &node.epilogue}) {
    for (artifact::Instr& instr : program->code) {
      if (instr.op == RDU_OP_INDEX && instr.a >= at) ++instr.a;
    }
  }
}

}  // namespace

std::optional<Node> fold_phases(const Node& node, const Exact& exact) {
  const std::int64_t phases = exact.divisor;
  const auto step = even_step(exact);
  const bool even = node.loops[exact.place.loop].extent % phases == 0 &&
                    node.loops[exact.tap.loop].extent % phases == 0;
  if (!step || !even) return {};
  Node out = node;
  const std::uint32_t place = exact.place.loop, phase = place + 1, tap = exact.tap.loop + 1;
  insert_loop(out, phase, phases);
  for_each_index(out, [&](Index& index) {
    const std::int64_t moves = coef(index, place) + coef(index, tap) * *step;
    if (moves != 0) index.terms.push_back({phase, moves});
  });
  stretch(out, place, phases, 0);
  stretch(out, tap, phases, exact.first_tap(0));
  out.loops[place].extent /= phases;
  out.loops[tap].extent /= phases;
  divide(out.reads[exact.read].access[exact.dim]);
  return out;
}

}  // namespace rducc::rdu::lower
