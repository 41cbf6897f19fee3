// Expands until nothing is left to expand.
#include "tools/rducc/target/rdu/lower/expand.hpp"

#include "tools/rducc/target/rdu/lower/decline.hpp"

namespace rducc::rdu::lower {
namespace {

constexpr std::size_t kMostNodes = 2048;  // sections of one payload

}  // namespace

void expand(Work& work, const artifact::Node& node) {
  if (work.nodes.size() > kMostNodes) {
    decline(RDU_REASON_CAPACITY, "more than " + std::to_string(kMostNodes) + " sections");
  }
  if (node.pattern == RDU_PATTERN_SCAN) {
    for (const artifact::Node& inner : unroll_scan(work.variant, node)) expand(work, inner);
    return;
  }
  for (const artifact::Node& phase : split_phases(node)) {
    for (artifact::Node& part : tabulate_positions(work.variant, phase)) {
      work.nodes.push_back(std::move(part));
    }
  }
}

}  // namespace rducc::rdu::lower
