// The finest cut: a section ends wherever no value is half written.
#include "tools/rducc/passes/split_sections.hpp"

#include <algorithm>

#include "tools/rducc/ir/rewrite.hpp"

namespace rducc::passes {

void split_sections(rdu::artifact::Variant& variant) {
  const auto uses = ir::find_uses(variant, 0);
  const auto& nodes = variant.graphs[0].nodes;
  rdu::artifact::Cut cut;
  std::uint32_t first = 0, whole_at = 0;  // the last writer of what the section writes
  for (std::uint32_t i = 0; i < nodes.size(); ++i) {
    ir::for_each_write(nodes[i], [&](rdu::artifact::ValueId id) {
      whole_at = std::max(whole_at, uses.writers[ir::owner(variant, id)].back());
    });
    if (i < whole_at) continue;
    cut.sections.push_back({first, i + 1, {}, {}});
    first = i + 1;
  }
  variant.cuts.assign(1, std::move(cut));
}

}  // namespace rducc::passes
