// How a contraction is laid over the chip: tiles, blocks of tiles in scratchpads, a grid of compute units.
#pragma once

#include <rdu_hw/arch.h>

#include <array>
#include <optional>

#include "tools/rducc/target/rdu/lower/contract/shape.hpp"
#include "tools/rducc/target/rdu/lower/tile.hpp"

namespace rducc::rdu::lower {

enum class ContractForm {
  kSystolic,  // an array of rows × columns accumulators
  kSimd       // rows are lanes; each column is an accumulator in a stage of its own
};

// A grid of row_groups × column_groups units. Unit (i, j) makes the tiles of rows of group i and columns of group j:
//   row    y = i · group_pitch + yb · block_pitch + (position / width), position = tile_rows · rt + r
//   column n = ((cb · column_groups + j) · column_tiles + ct) · tile_columns + c
struct ContractPlan {
  ContractForm form = ContractForm::kSimd;
  std::int64_t tile_rows = 16, tile_columns = 3;
  std::int64_t row_groups = 1, column_groups = 1;
  std::int64_t row_blocks = 1, block_height = 1, row_tiles = 1;  // of a group; of a block
  std::int64_t column_blocks = 1, column_tiles = 1;              // of a group; of a block
  std::int64_t units_per_result = 1;  // that write into one buffer of results
  bool rows_first = false;  // blocks of rows are outside all other loops: they pass through windows
  bool in_turn =
      false;  // blocks of rows go to one group after another, so that rows are made in order
  bool gathers = false;  // results of all row groups leave as one stream
  double cycles = 0;
  double working = 0;  // of a unit, at all its blocks

  // Rows from a group to the next, and from a block of a group to the next.
  std::int64_t group_pitch() const { return block_height * (in_turn ? 1 : row_blocks); }
  std::int64_t block_pitch() const { return block_height * (in_turn ? row_groups : 1); }
  std::int64_t block_rows(const ContractShape& shape) const { return block_height * shape.width; }
  std::int64_t group_columns() const { return column_tiles * tile_columns; }  // of a block
  // Buffers that the results of a row group lie in.
  std::int64_t results_per_row() const { return ceil_div(column_groups, units_per_result); }
  // Streams that results leave by.
  std::int64_t streams_out() const { return gathers ? 1 : row_groups; }
  // Positions are rows and columns of the operand at once: addresses need a quotient.
  bool flattens(const ContractShape& shape) const { return shape.x && block_height > 1; }
};

ContractForm contract_form(const rdu_hw_arch& arch);
std::int64_t tile_rows_of(const rdu_hw_arch& arch);
std::int64_t tile_columns_of(const rdu_hw_arch& arch);

// Who else is on the chip.
struct ContractSetting {
  double budget = 1;     // of the chip's units
  bool spatial = false;  // other nodes work at the same time: blocks of rows pass through them
  std::array<bool, 2> made_here = {};  // operands that scratchpads have as a whole
  std::array<bool, 2> may_stay =
      {};                 // constants, which are there from the run before where they fit
  bool stays = false;     // results go to scratchpads of readers
  bool in_order = false;  // rows come, or are waited for, one after another
};

// What is planned, for whom.
struct ContractTask {
  const ContractShape& shape;
  const rdu_hw_arch& arch;
  const ContractSetting& setting;

  std::int64_t capacity() const { return static_cast<std::int64_t>(arch.pmu.bytes); }
};

// The plan with the fewest cycles, by an estimate of computing and of moving, that takes at most its budget; nothing where not even the
// smallest blocks fit.
std::optional<ContractPlan> plan_contract(const ContractTask& task);

// Transfers that bring the weights of a plan whose tiles of them are filled once.
std::int64_t weight_transfers(const ContractPlan& plan, const Tile& tile);

}  // namespace rducc::rdu::lower
