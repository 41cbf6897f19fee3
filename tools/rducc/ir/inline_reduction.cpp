// The map's domain, then the reduction's own loops; the reduction's code runs where the map read it.
#include "tools/rducc/ir/inline_reduction.hpp"

#include <algorithm>

#include "tools/rducc/ir/compose.hpp"
#include "tools/rducc/ir/inline_map.hpp"
#include "tools/rducc/ir/program.hpp"
#include "tools/rducc/ir/rewrite.hpp"

namespace rducc::ir {
namespace {

using rdu::artifact::kNone;
using rdu::artifact::Loop;
using rdu::artifact::Node;
using rdu::artifact::Read;
using rdu::artifact::ValueId;
using rdu::artifact::Variant;

// For each parallel loop of the reduction the map's loop that it becomes, or kNone for one of
// extent 1 that disappears.
using LoopMap = std::vector<std::uint32_t>;

bool is_identity_write(const Variant& variant, const Node& node) {
  if (node.writes.size() != 1) return false;
  const auto& write = node.writes[0];
  const auto& dims = variant.values[write.value].dims;
  if (write.access.size() != node.num_parallel) return false;
  for (std::uint32_t i = 0; i < node.num_parallel; ++i) {
    const auto loop = as_single_loop(write.access[i]);
    if (!loop || *loop != i || node.loops[i].extent != dims[i]) return false;
  }
  return true;
}

std::optional<LoopMap> match_loops(const Node& reduction, const Node& map, const Access& access) {
  LoopMap matched;
  std::vector<bool> taken(map.loops.size(), false);
  for (std::uint32_t i = 0; i < reduction.num_parallel; ++i) {
    const std::int64_t extent = reduction.loops[i].extent;
    const ValueId actual = reduction.loops[i].extent_value;
    const auto loop = as_single_loop(access[i]);
    if (loop && !taken[*loop] && map.loops[*loop].extent == extent &&
        map.loops[*loop].extent_value == actual) {
      matched.push_back(*loop);
      taken[*loop] = true;
    } else if (extent == 1 && actual == kNone && is_affine(access[i]) &&
               access[i].outside == RDU_OUTSIDE_NEVER) {
      matched.push_back(kNone);
    } else {
      return std::nullopt;
    }
  }
  for (std::size_t i = 0; i < taken.size(); ++i) {
    const bool one = map.loops[i].extent == 1 && map.loops[i].extent_value == kNone;
    if (!taken[i] && !one) return std::nullopt;
  }
  return matched;
}

bool has_window(const Node& node) {
  return std::any_of(node.loops.begin(), node.loops.end(),
                     [](const Loop& loop) { return loop.role == RDU_LOOP_WINDOW; });
}

// A loop of one position that the map has alone gets the place of one that disappears, so that a
// convolution keeps all of its loops.
void place_unit_loops(const Node& map, LoopMap& matched) {
  std::vector<bool> taken(map.loops.size(), false);
  for (const std::uint32_t loop : matched) {
    if (loop != kNone) taken[loop] = true;
  }
  for (std::uint32_t& loop : matched) {
    if (loop != kNone) continue;
    const auto free = std::find(taken.begin(), taken.end(), false);
    if (free == taken.end()) return;
    loop = static_cast<std::uint32_t>(free - taken.begin());
    *free = true;
  }
}

bool keeps_order(const LoopMap& matched) { return std::is_sorted(matched.begin(), matched.end()); }

std::vector<Loop> fused_loops(const Node& reduction, const Node& map, const LoopMap& matched) {
  std::vector<Loop> loops = map.loops;
  const bool contract = reduction.pattern == RDU_PATTERN_CONTRACT;
  for (Loop& loop : loops) loop.role = contract ? RDU_LOOP_M : RDU_LOOP_PLAIN;
  for (std::uint32_t i = 0; i < matched.size(); ++i) {
    if (matched[i] != kNone) loops[matched[i]].role = reduction.loops[i].role;
  }
  loops.insert(loops.end(), reduction.loops.begin() + reduction.num_parallel,
               reduction.loops.end());
  return loops;
}

// Each loop of the reduction as an index over the fused node's loops.
std::vector<Index> loop_indices(const Node& reduction, const Node& map, const LoopMap& matched) {
  std::vector<Index> indices(reduction.loops.size());
  for (std::uint32_t i = 0; i < reduction.loops.size(); ++i) {
    const std::uint32_t moved =
        i < matched.size() ? matched[i]
                           : static_cast<std::uint32_t>(map.loops.size() + i - matched.size());
    if (moved != kNone) indices[i].terms.push_back({moved, 1});
  }
  return indices;
}

bool move_access(Access& access, const std::vector<Index>& loops,
                 std::span<const std::int64_t> extents) {
  for (Index& index : access) {
    auto moved = substitute(index, loops, extents);
    if (!moved) return false;
    index = *std::move(moved);
  }
  return true;
}

// INDEX of a loop that moved; a loop that disappeared is at 0.
Expand move_index(Instr& instr, const std::vector<Index>& loops) {
  if (instr.op != RDU_OP_INDEX) return {};
  const auto& terms = loops[instr.a].terms;
  if (terms.empty()) {
    instr = {RDU_OP_CONST, RDU_DTYPE_I64, 0, 0, 0, {0, 0}};
  } else {
    instr.a = terms[0].loop;
  }
  return {};
}

Program move_loops(const Program& program, const std::vector<Index>& loops) {
  Program moved = program;
  for (Instr& instr : moved.code) move_index(instr, loops);
  return moved;
}

// The map's code, with the reduction's epilogue where it loaded the result and its other reads
// behind those of the reduction.
Program fused_epilogue(const Node& reduction, const Node& map, std::uint32_t read,
                       const std::vector<Index>& loops) {
  const auto first = static_cast<std::uint32_t>(reduction.reads.size());
  const Program epilogue = move_loops(reduction.epilogue, loops);
  Program shifted = map.body;
  for (Instr& instr : shifted.code) {
    if (uses_read(instr)) instr.a += first;
  }
  return rewrite(shifted, [&](const Instr& instr) -> Expand {
    if (instr.op != RDU_OP_LOAD || instr.a != read + first) return {};
    return [&](std::vector<Instr>& code) {
      return append_program(code, epilogue, 0, [](Instr&) { return Expand{}; });
    };
  });
}

}  // namespace

std::optional<Node> inline_reduction(const Variant& variant, const Node& reduction, const Node& map,
                                     std::uint32_t read) {
  if (!is_identity_write(variant, reduction)) return std::nullopt;
  const Read& from = map.reads[read];
  const auto map_extents = loop_extents(map);
  const auto access = reshape_access(from.access, variant.values[from.value].dims,
                                     variant.values[reduction.writes[0].value].dims, map_extents);
  if (!access) return std::nullopt;
  auto matched = match_loops(reduction, map, *access);
  if (!matched) return std::nullopt;
  place_unit_loops(map, *matched);
  if (has_window(reduction) && (!keeps_order(*matched) || matched->size() != map.loops.size())) {
    return std::nullopt;
  }
  const auto loops = loop_indices(reduction, map, *matched);
  Node fused = reduction;
  unite_origins(fused, map);
  fused.loops = fused_loops(reduction, map, *matched);
  fused.num_parallel = static_cast<std::uint32_t>(map.loops.size());
  const auto extents = loop_extents(fused);
  for (Read& moved : fused.reads) {
    if (!move_access(moved.access, loops, extents)) return std::nullopt;
  }
  fused.body = move_loops(reduction.body, loops);
  fused.epilogue = fused_epilogue(reduction, map, read, loops);
  fused.reads.insert(fused.reads.end(), map.reads.begin(), map.reads.end());
  fused.writes = map.writes;
  compact_reads(fused);
  return fused;
}

}  // namespace rducc::ir
