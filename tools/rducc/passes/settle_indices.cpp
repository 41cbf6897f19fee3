// Follows the sources of indices through views, then fits sums of loops to those that are constant.
#include "tools/rducc/passes/settle_indices.hpp"

#include <algorithm>
#include <optional>

#include "tools/rducc/analysis/access_shape.hpp"
#include "tools/rducc/ir/compose.hpp"
#include "tools/rducc/ir/element.hpp"
#include "tools/rducc/ir/inline_map.hpp"
#include "tools/rducc/ir/rewrite.hpp"

namespace rducc::passes {
namespace {

using rdu::artifact::Access;
using rdu::artifact::Index;
using rdu::artifact::kNone;
using rdu::artifact::Node;
using rdu::artifact::ValueId;
using rdu::artifact::Variant;

constexpr std::int64_t kMostPoints = 1 << 22;
constexpr std::int64_t kFar = std::int64_t{1}
                              << 61;  // outside of any tensor, and sums with it are numbers

std::int64_t at(const Index& index, std::span<const std::int64_t> position) {
  std::int64_t sum = index.offset;
  for (const auto& term : index.terms) sum += term.coef * position[term.loop];
  return sum;
}

// The positions that an index with a constant source takes.
class KnownIndex {
 public:
  KnownIndex(const Variant& variant, const Index& index, std::int64_t extent)
      : index_(index),
        source_(variant.values[index.source]),
        bytes_(variant.values[ir::owner(variant, index.source)].data.bytes),
        extent_(extent) {}

  std::int64_t position(std::span<const std::int64_t> loops) const {
    std::int64_t element = 0;
    for (std::size_t d = 0; d < source_.dims.size(); ++d) {
      element = element * source_.dims[d] + at(index_.source_access[d], loops);
    }
    const auto read = ir::load_element(bytes_, source_.dtype, static_cast<std::size_t>(element));
    const std::int64_t position = at(index_, loops) + std::clamp(read.i, -kFar, kFar);
    const bool wraps = index_.outside == RDU_OUTSIDE_WRAP && position < 0;
    return wraps ? position + extent_ : position;
  }

 private:
  const Index& index_;
  const rdu::artifact::Value& source_;
  const std::span<const std::byte> bytes_;
  const std::int64_t extent_;
};

// The loops that an index depends on; of the others one position stands for all.
std::vector<std::int64_t> extents_of(const Index& index, std::span<const std::int64_t> loops) {
  std::vector<std::int64_t> extents(loops.size(), 1);
  const auto use = [&](const Index& sum) {
    for (const auto& term : sum.terms) extents[term.loop] = loops[term.loop];
  };
  use(index);
  for (const Index& source : index.source_access) use(source);
  return extents;
}

bool next_position(std::vector<std::int64_t>& position, std::span<const std::int64_t> extents) {
  for (std::size_t l = position.size(); l-- > 0;) {
    if (++position[l] < extents[l]) return true;
    position[l] = 0;
  }
  return false;
}

// The one sum of loops that could be it: from the first position and its neighbours.
Index guess(const KnownIndex& known, std::span<const std::int64_t> extents) {
  std::vector<std::int64_t> position(extents.size(), 0);
  Index sum;
  sum.offset = known.position(position);
  for (std::uint32_t l = 0; l < extents.size(); ++l) {
    if (extents[l] == 1) continue;
    position[l] = 1;
    const std::int64_t coef = known.position(position) - sum.offset;
    position[l] = 0;
    if (coef != 0) sum.terms.push_back({l, coef});
  }
  return sum;
}

std::optional<Index> as_sum(const Variant& variant, const Index& index, std::int64_t extent,
                            std::span<const std::int64_t> loops) {
  const bool bare = index.div == 1 && index.mod == 0 && !index.exact;
  if (!bare || !ir::is_constant(variant, index.source) ||
      !analysis::is_plain(index.source_access)) {
    return std::nullopt;
  }
  const auto extents = extents_of(index, loops);
  std::int64_t points = 1;
  for (const std::int64_t count : extents) {
    if (count == 0 || points > kMostPoints / count) return std::nullopt;
    points *= count;
  }
  const KnownIndex known(variant, index, extent);
  Index sum = guess(known, extents);
  std::vector<std::int64_t> position(extents.size(), 0);
  do {
    const std::int64_t p = known.position(position);
    if (p < 0 || p >= extent || p != at(sum, position)) return std::nullopt;
  } while (next_position(position, extents));
  return sum;
}

class Settler {
 public:
  Settler(Variant& variant, std::uint32_t graph)
      : variant_(variant),
        nodes_(variant.graphs[graph].nodes),
        uses_(ir::find_uses(variant, graph)) {}

  void run() {
    for (Node& node : nodes_) {
      for (auto& read : node.reads) settle(node, read.value, read.access);
      for (auto& write : node.writes) settle(node, write.value, write.access);
      if (node.pattern == RDU_PATTERN_GATHER && !reads_indirectly(node)) {
        node.pattern = node.combine == RDU_COMBINE_NONE ? RDU_PATTERN_MAP : RDU_PATTERN_REDUCE;
      }
    }
  }

 private:
  void settle(Node& node, ValueId value, Access& access) {
    const auto& target = variant_.values[value];
    for (std::size_t d = 0; d < access.size(); ++d) {
      if (access[d].source == kNone) continue;
      const auto loops = ir::loop_extents(node);
      while (follow_view(node, access[d], loops)) {
      }
      if (!target.dim_values.empty() && target.dim_values[d] != kNone) continue;
      if (auto sum = as_sum(variant_, access[d], target.dims[d], loops))
        access[d] = *std::move(sum);
    }
  }

  bool follow_view(Node& node, Index& index, std::span<const std::int64_t> extents) {
    const auto& writers = uses_.writers[ir::owner(variant_, index.source)];
    if (writers.size() != 1 || !ir::is_view(variant_, nodes_[writers[0]])) return false;
    const Node& view = nodes_[writers[0]];
    const auto& from = view.reads[0];
    // A scatter must not come to read what it may update in place.
    const bool reads_base =
        node.base != kNone && ir::owner(variant_, node.base) == ir::owner(variant_, from.value);
    const auto& shown = variant_.values[from.value];
    if (reads_base || !analysis::is_plain(from.access) ||
        !analysis::is_plain(index.source_access) ||
        shown.dtype != variant_.values[index.source].dtype) {
      return false;
    }
    const auto loops = ir::reshape_access(index.source_access, variant_.values[index.source].dims,
                                          variant_.values[view.writes[0].value].dims, extents);
    if (!loops || !analysis::is_plain(*loops)) return false;
    Access composed;
    for (const Index& position : from.access) {
      auto sum = ir::substitute(position, *loops, extents);
      if (!sum || !ir::is_affine(*sum)) return false;
      composed.push_back(*std::move(sum));
    }
    index.source = from.value;
    index.source_access = std::move(composed);
    ir::unite_origins(node, view);
    return true;
  }

  static bool reads_indirectly(const Node& node) {
    return std::any_of(node.reads.begin(), node.reads.end(), [](const auto& read) {
      return std::any_of(read.access.begin(), read.access.end(),
                         [](const Index& index) { return index.source != kNone; });
    });
  }

  Variant& variant_;
  std::vector<Node>& nodes_;
  const ir::UseMap uses_;
};

}  // namespace

void settle_indices(Variant& variant) {
  for (std::uint32_t graph = 0; graph < variant.graphs.size(); ++graph) {
    Settler(variant, graph).run();
  }
}

}  // namespace rducc::passes
