// The loops of a contraction's plan in the nest of one unit's operands.
#pragma once

#include <optional>
#include <vector>

#include "tools/rducc/target/rdu/lower/contract/plan.hpp"

namespace rducc::rdu::lower {

// The loops around a block, outermost first, with those of more than one step.
std::vector<VariableId> loops_around(const ContractShape& shape, const ContractPlan& plan,
                                     const Nest& nest, VariableId yb, VariableId cb);

struct PlannedNest {
  Nest nest;
  std::vector<VariableId> outside;  // loops around a block: outer, yb, cb
  std::vector<VariableId> tiles;    // rt, ct
  VariableId r, c;                  // inside a tile
  Touch a, b;                       // in the operands, over outside, tiles, k, and r or c
  Tile a_tile, b_tile;              // filled in loops outside; `inside` is the access in the tile
  std::int64_t a_bytes = 0, b_bytes = 0;  // of all fills
};
// Of unit (i, j). Nothing where a tile does not fit a scratchpad.
std::optional<PlannedNest> make_planned(const ContractShape& shape, const ContractPlan& plan,
                                        const rdu_hw_arch& arch, std::int64_t i, std::int64_t j);

}  // namespace rducc::rdu::lower
