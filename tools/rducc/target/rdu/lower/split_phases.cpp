// (a · i + b · r + o) / s, outside unless s divides: with i = s · i' + phase the taps r that hold are every s-th one. Phases become a loop where
// they are alike, else nodes.
#include <algorithm>
#include <numeric>

#include "tools/rducc/target/rdu/lower/expand.hpp"
#include "tools/rducc/target/rdu/lower/form.hpp"
#include "tools/rducc/target/rdu/lower/phases.hpp"

namespace rducc::rdu::lower {
namespace {

using artifact::Access;
using artifact::Index;
using artifact::Node;

void stretch_index(Index& index, std::uint32_t loop, std::int64_t stride, std::int64_t first) {
  for (artifact::Term& term : index.terms) {
    if (term.loop != loop) continue;
    index.offset += term.coef * first;
    term.coef *= stride;
  }
  for (Index& source : index.source_access) stretch_index(source, loop, stride, first);
}

bool is_indexed(const Node& node, std::uint32_t loop) {
  for (const artifact::Program* program : {&node.body, &node.epilogue}) {
    for (const artifact::Instr& instr : program->code) {
      if (instr.op == RDU_OP_INDEX && instr.a == loop) return true;
    }
  }
  return false;
}

std::optional<Node> phase_of(const Node& node, const Exact& exact, std::int64_t phase) {
  Node out = node;
  out.name += "/" + std::to_string(phase);
  const std::int64_t first = exact.first_tap(phase);
  const auto fewer = [&](std::uint32_t loop, std::int64_t from) {
    stretch(out, loop, exact.divisor, from);
    std::int64_t& extent = out.loops[loop].extent;
    extent = ceil_div(extent - from, exact.divisor);
  };
  if (first >= node.loops[exact.tap.loop].extent) return {};
  fewer(exact.place.loop, phase);
  fewer(exact.tap.loop, first);
  divide(out.reads[exact.read].access[exact.dim]);
  return out;
}

}  // namespace

std::optional<Exact> find_exact(const Node& node) {
  for (std::size_t r = 0; r < node.reads.size(); ++r) {
    const Access& access = node.reads[r].access;
    for (std::size_t d = 0; d < access.size(); ++d) {
      const Index& index = access[d];
      if (!index.exact || index.div == 1 || index.mod != 0 || index.terms.size() != 2) continue;
      if (index.source != artifact::kNone) continue;
      artifact::Term place = index.terms[0], tap = index.terms[1];
      if (place.loop >= node.num_parallel) std::swap(place, tap);
      const bool fits = place.loop < node.num_parallel && tap.loop >= node.num_parallel &&
                        std::gcd(tap.coef, index.div) == 1 && !is_indexed(node, place.loop) &&
                        !is_indexed(node, tap.loop);
      if (fits) return Exact{r, d, place, tap, index.offset, index.div};
    }
  }
  return {};
}

std::int64_t Exact::first_tap(std::int64_t phase) const {
  std::int64_t at = 0;
  while ((offset + place.coef * phase + tap.coef * at) % divisor != 0) ++at;
  return at;
}

void stretch(Node& node, std::uint32_t loop, std::int64_t stride, std::int64_t first) {
  for (artifact::Read& read : node.reads) {
    for (Index& index : read.access) stretch_index(index, loop, stride, first);
  }
  for (artifact::Write& write : node.writes) {
    for (Index& index : write.access) stretch_index(index, loop, stride, first);
  }
}

void divide(Index& index) {
  index.offset /= index.div;
  for (artifact::Term& term : index.terms) term.coef /= index.div;
  index.div = 1;
  index.exact = false;
}

std::vector<Node> split_phases(const Node& node) {
  const auto exact = find_exact(node);
  if (!exact) return {node};
  if (const auto folded = fold_phases(node, *exact)) return split_phases(*folded);
  std::vector<Node> phases;
  const std::int64_t extent = node.loops[exact->place.loop].extent;
  for (std::int64_t phase = 0; phase < std::min(exact->divisor, extent); ++phase) {
    const auto one = phase_of(node, *exact, phase);
    if (!one) return {node};  // a phase without taps: the access is taken as it is
    for (Node& inner : split_phases(*one)) phases.push_back(std::move(inner));
  }
  return phases;
}

}  // namespace rducc::rdu::lower
