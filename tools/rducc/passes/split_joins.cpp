// A part's loops stand where the map's loops were: offset + stride·loop, as the writer of the part had it.
#include "tools/rducc/passes/split_joins.hpp"

#include <algorithm>
#include <map>
#include <optional>
#include <string>

#include "sdk/base/dtype.hpp"
#include "tools/rducc/analysis/access_shape.hpp"
#include "tools/rducc/ir/compose.hpp"
#include "tools/rducc/ir/inline_map.hpp"
#include "tools/rducc/ir/program.hpp"
#include "tools/rducc/ir/rewrite.hpp"

namespace rducc::passes {
namespace {

using rdu::artifact::Access;
using rdu::artifact::Index;
using rdu::artifact::kNone;
using rdu::artifact::Loop;
using rdu::artifact::Node;
using rdu::artifact::Value;
using rdu::artifact::ValueId;
using rdu::artifact::Variant;

// A writer's part of the join: its extents, and where its elements lie in the writer's own loops and in
// the join.
struct Part {
  ir::Dims dims;
  Access of_writer;  // over the writer's loops
  Access in_join;    // over the part's dimensions
};

std::optional<Part> part_of(const Node& writer) {
  if (writer.writes.size() != 1 || writer.writes[0].access.empty()) return std::nullopt;
  Part part;
  for (const Index& index : writer.writes[0].access) {
    if (!ir::is_affine(index) || index.terms.size() > 1) return std::nullopt;
    const auto dim = static_cast<std::uint32_t>(part.dims.size());
    Index moved = index, own;
    part.dims.push_back(1);
    if (!index.terms.empty()) {
      const Loop& loop = writer.loops[index.terms[0].loop];
      if (loop.extent_value != kNone) return std::nullopt;
      part.dims.back() = loop.extent;
      own.terms = {{index.terms[0].loop, 1}};
      moved.terms[0].loop = dim;
    }
    part.of_writer.push_back(own);
    part.in_join.push_back(moved);
  }
  return part;
}

Access identity(std::size_t rank) {
  Access access(rank);
  for (std::uint32_t i = 0; i < rank; ++i) access[i].terms = {{i, 1}};
  return access;
}

class Splitter {
 public:
  Splitter(Variant& variant, std::uint32_t graph)
      : variant_(variant), graph_(graph), uses_(ir::find_uses(variant, graph)) {}

  void run() {
    auto& nodes = variant_.graphs[graph_].nodes;
    std::vector<Node> result;
    for (std::uint32_t i = 0; i < nodes.size(); ++i) {
      if (!split(nodes[i], result)) result.push_back(nodes[i]);
    }
    // Writers come before their reader: they are changed where they were put.
    for (Node& node : result) {
      const auto changed = writers_.find(node.name);
      if (changed != writers_.end()) node.writes = changed->second;
    }
    nodes = std::move(result);
  }

 private:
  // The read whose value is a join that the map alone reads, all of it, point for point.
  std::optional<std::uint32_t> joined_read(const Node& map) const {
    if (!ir::is_pointwise(variant_, map) || map.pattern != RDU_PATTERN_MAP) return std::nullopt;
    if (ir::has_op(map.body, RDU_OP_RNG) || ir::has_op(map.body, RDU_OP_INDEX)) return std::nullopt;
    const auto& written = variant_.values[map.writes[0].value];
    std::optional<std::uint32_t> found;
    for (std::uint32_t i = 0; i < map.reads.size(); ++i) {
      const auto& read = map.reads[i];
      const Value& value = variant_.values[read.value];
      if (!analysis::is_plain(read.access)) return std::nullopt;
      if (value.storage != kNone || read.value >= uses_.writers.size()) continue;
      if (uses_.writers[read.value].size() < 2 || uses_.leaves[read.value]) continue;
      const bool narrows =
          rdu::base::dtype_bits(written.dtype) < rdu::base::dtype_bits(value.dtype);
      if (!narrows || found || uses_.readers[read.value].size() != 1 ||
          value.dims != written.dims || read.access != identity(value.dims.size())) {
        return std::nullopt;
      }
      found = i;
    }
    return found;
  }

  bool split(const Node& map, std::vector<Node>& result) {
    const auto read = joined_read(map);
    if (!read) return false;
    const auto& nodes = variant_.graphs[graph_].nodes;
    const ValueId join = map.reads[*read].value;
    std::vector<Part> parts;
    std::vector<Node> copies;
    for (const std::uint32_t writer : uses_.writers[join]) {
      const auto part = part_of(nodes[writer]);
      if (!part || writers_.count(nodes[writer].name) != 0) return false;
      auto copy = copy_for(map, *read, *part, parts.size());
      if (!copy) return false;
      parts.push_back(*part);
      copies.push_back(*std::move(copy));
    }
    for (std::size_t i = 0; i < parts.size(); ++i) {
      Value own = variant_.values[join];
      own.dims = parts[i].dims;
      own.dim_values.clear();
      const auto id = static_cast<ValueId>(variant_.values.size());
      variant_.values.push_back(std::move(own));
      copies[i].reads[*read].value = id;
      writers_[nodes[uses_.writers[join][i]].name] = {{id, parts[i].of_writer}};
      result.push_back(std::move(copies[i]));
    }
    return true;
  }

  // The map over one part. Its operand's value comes later.
  static std::optional<Node> copy_for(const Node& map, std::uint32_t joined, const Part& part,
                                      std::size_t number) {
    Node copy = map;
    copy.name += "." + std::to_string(number);
    for (std::size_t d = 0; d < part.dims.size(); ++d) copy.loops[d].extent = part.dims[d];
    const auto move = [&](Access& access) {
      for (Index& index : access) {
        auto moved = ir::substitute(index, part.in_join, part.dims);
        if (!moved) return false;
        index = *std::move(moved);
      }
      return true;
    };
    for (std::uint32_t i = 0; i < copy.reads.size(); ++i) {
      if (i == joined) continue;
      if (!move(copy.reads[i].access)) return std::nullopt;
    }
    if (!move(copy.writes[0].access)) return std::nullopt;
    return copy;
  }

  Variant& variant_;
  const std::uint32_t graph_;
  const ir::UseMap uses_;
  std::map<std::string, std::vector<rdu::artifact::Write>> writers_;  // by node: what it writes now
};

}  // namespace

void split_joins(Variant& variant) {
  for (std::uint32_t graph = 0; graph < variant.graphs.size(); ++graph) {
    Splitter(variant, graph).run();
  }
}

}  // namespace rducc::passes
