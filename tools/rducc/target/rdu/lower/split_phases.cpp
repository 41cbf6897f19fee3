// (a · i + b · r + o) / s, outside unless s divides: with i = s · i' + phase the taps r that hold are every s-th one.
#include <algorithm>
#include <numeric>

#include "tools/rducc/target/rdu/lower/expand.hpp"
#include "tools/rducc/target/rdu/lower/form.hpp"

namespace rducc::rdu::lower {
namespace {

using artifact::Access;
using artifact::Index;
using artifact::Node;

// Loop → stride · loop + first, in a sum.
void stretch(Index& index, std::uint32_t loop, std::int64_t stride, std::int64_t first) {
  for (artifact::Term& term : index.terms) {
    if (term.loop != loop) continue;
    index.offset += term.coef * first;
    term.coef *= stride;
  }
  for (Index& source : index.source_access) stretch(source, loop, stride, first);
}

void stretch(Node& node, std::uint32_t loop, std::int64_t stride, std::int64_t first) {
  for (artifact::Read& read : node.reads) {
    for (Index& index : read.access) stretch(index, loop, stride, first);
  }
  for (artifact::Write& write : node.writes) {
    for (Index& index : write.access) stretch(index, loop, stride, first);
  }
  node.loops[loop].extent = ceil_div(node.loops[loop].extent - first, stride);
}

bool is_indexed(const Node& node, std::uint32_t loop) {
  for (const artifact::Program* program : {&node.body, &node.epilogue}) {
    for (const artifact::Instr& instr : program->code) {
      if (instr.op == RDU_OP_INDEX && instr.a == loop) return true;
    }
  }
  return false;
}

// A division that one parallel loop and one tap decide.
struct Exact {
  std::size_t read, dim;
  artifact::Term place, tap;
  std::int64_t divisor;
};

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
      if (fits) return Exact{r, d, place, tap, index.div};
    }
  }
  return {};
}

std::optional<Node> phase_of(const Node& node, const Exact& exact, std::int64_t phase) {
  Node out = node;
  out.name += "/" + std::to_string(phase);
  const auto holds = [&](std::int64_t tap) {
    const std::int64_t sum = node.reads[exact.read].access[exact.dim].offset +
                             exact.place.coef * phase + exact.tap.coef * tap;
    return sum % exact.divisor == 0;
  };
  std::int64_t first = 0;
  while (!holds(first)) ++first;
  if (first >= node.loops[exact.tap.loop].extent) return {};
  stretch(out, exact.place.loop, exact.divisor, phase);
  stretch(out, exact.tap.loop, exact.divisor, first);
  Index& index = out.reads[exact.read].access[exact.dim];
  index.offset /= exact.divisor;
  for (artifact::Term& term : index.terms) term.coef /= exact.divisor;
  index.div = 1;
  index.exact = false;
  return out;
}

}  // namespace

std::vector<Node> split_phases(const Node& node) {
  const auto exact = find_exact(node);
  if (!exact) return {node};
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
