// Ranges of a parallel loop as nodes of their own; their results lie one behind another.
#include "tools/rducc/target/rdu/lower/split_groups.hpp"

#include <algorithm>

#include "tools/rducc/target/rdu/lower/contract/plan.hpp"
#include "tools/rducc/target/rdu/lower/decline.hpp"

namespace rducc::rdu::lower {
namespace {

using artifact::Access;
using artifact::Node;

constexpr std::int64_t kMostPieces = 8;
constexpr double kUsefulShare = 0.4;  // of the compute units, that contractions get

void shift(Access& access, std::uint32_t loop, std::int64_t first) {
  for (artifact::Index& index : access) {
    for (const artifact::Term& term : index.terms) {
      if (term.loop == loop) index.offset += term.coef * first;
    }
    shift(index.source_access, loop, first);
  }
}

Node slice(Node node, std::uint32_t loop, std::int64_t first, std::int64_t count) {
  for (artifact::Read& read : node.reads) shift(read.access, loop, first);
  for (artifact::Write& write : node.writes) shift(write.access, loop, first);
  node.loops[loop].extent = count;
  node.name += "/" + std::to_string(first);
  return node;
}

// The loop that moves furthest through all results, where no program asks for its value; RDU_NONE: there is none.
std::uint32_t outermost(const artifact::Variant& variant, const Node& node) {
  const Nest nest = make_nest(variant, node);
  std::uint32_t found = RDU_NONE;
  for (const Touch& write : nest.writes) {
    std::int64_t furthest = 0;
    std::uint32_t loop = RDU_NONE;
    for (std::uint32_t l = 0; l < node.num_parallel; ++l) {
      std::int64_t step = 0;
      for (const Position& position : write.dims) {
        if (!position.is_plain()) return RDU_NONE;
        step += position.form.coef(l) * position.pitch;
      }
      if (node.loops[l].extent == 1 || step <= furthest) continue;
      furthest = step;
      loop = l;
    }
    const bool another = found != RDU_NONE && found != loop;
    if (loop == RDU_NONE || nest.variables[loop].counted || another) return RDU_NONE;
    found = loop;
  }
  const bool batch = found != RDU_NONE && node.loops[found].role == RDU_LOOP_BATCH;
  return batch ? found : RDU_NONE;
}

}  // namespace

double unit_cycles(const artifact::Variant& variant, const Node& node, const rdu_hw_arch& arch) {
  double points = 1;
  for (const artifact::Loop& loop : node.loops) points *= static_cast<double>(loop.extent);
  if (node.pattern != RDU_PATTERN_CONTRACT) return points / arch.pcu.lanes;
  try {
    Nest nest = make_nest(variant, node);
    simplify(nest);
    const std::int64_t rows = tile_rows_of(arch), columns = tile_columns_of(arch);
    const ContractShape shape = choose_shape(nest, rows, columns, true);
    const bool drains = contract_form(arch) == ContractForm::kSystolic;
    const std::int64_t block =
        std::max<std::int64_t>(nest.points(shape.nest.reduction), drains ? rows + columns : 1);
    return static_cast<double>(shape.nest.points(shape.outer)) *
           static_cast<double>(ceil_div(shape.height * shape.width, rows)) *
           static_cast<double>(ceil_div(shape.columns, columns)) * static_cast<double>(block);
  } catch (const Decline&) {
    return points / arch.pcu.lanes;
  }
}

Work split_groups(const Work& work, const rdu_hw_arch& arch) {
  double all = 0;
  for (const Node& node : work.nodes) all += unit_cycles(work.variant, node, arch);
  const double fair = all / (kUsefulShare * rdu_hw_arch_num_pcus(&arch));
  Work out = work;
  out.nodes.clear();
  out.origins.clear();
  for (std::size_t n = 0; n < work.nodes.size(); ++n) {
    const Node& node = work.nodes[n];
    const double pieces = unit_cycles(work.variant, node, arch) / fair;
    const bool heavy = node.pattern == RDU_PATTERN_CONTRACT && pieces > 1.5;
    const std::uint32_t loop = heavy ? outermost(work.variant, node) : RDU_NONE;
    const std::int64_t extent = loop != RDU_NONE ? node.loops[loop].extent : 1;
    const std::int64_t count = std::clamp<std::int64_t>(static_cast<std::int64_t>(pieces + 0.5), 1,
                                                        std::min(extent, kMostPieces));
    for (std::int64_t i = 0; i < count; ++i) {
      const std::int64_t first = extent * i / count, end = extent * (i + 1) / count;
      out.nodes.push_back(count == 1 ? node : slice(node, loop, first, end - first));
      out.origins.push_back(work.origins[n]);
    }
  }
  return out;
}

}  // namespace rducc::rdu::lower
