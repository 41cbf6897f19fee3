// Results of a contraction: where units leave them, and how they leave the units.
#pragma once

#include <span>
#include <vector>

#include "tools/rducc/target/rdu/lower/contract/plan.hpp"
#include "tools/rducc/target/rdu/lower/emit.hpp"

namespace rducc::rdu::lower {

// Where a result is in its buffer: column · columns_pitch + row · rows_pitch.
struct ResultLayout {
  std::int64_t column_pitch, row_pitch, words;
};

// What some units of a row group have made of a block.
struct Results {
  BufferHandle buffer = {};
  ResultLayout layout = {};
  std::int64_t first = 0, columns = 0;  // of the block's
  std::vector<Turn> writers;
};

// Who is contracted, and how.
struct PlannedContract {
  const artifact::Node& node;
  const ContractShape& shape;
  const ContractPlan& plan;
};

// Rows of group i, or of all groups from i on in turn: the epilogue, and the way to memory. `groups` has the results of each.
void finish_results(Emitter& emitter, const PlannedContract& contract, std::int64_t i,
                    std::span<const std::vector<Results>> groups);

}  // namespace rducc::rdu::lower
