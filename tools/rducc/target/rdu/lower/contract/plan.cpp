// Searches how to lay a contraction over the chip: tries grids and block sizes, keeps what an estimate says is fastest.
#include "tools/rducc/target/rdu/lower/contract/plan.hpp"

#include <algorithm>

#include "tools/rducc/target/rdu/lower/contract/plan_cost.hpp"
#include "tools/rducc/target/rdu/lower/contract/plan_units.hpp"

namespace rducc::rdu::lower {
namespace {

constexpr std::int64_t kMostSimdColumns = 3;  // accumulators of a unit: it has as many outputs

class PlanSearch {
 public:
  explicit PlanSearch(const ContractTask& task) : task_(task), shape_(task.shape) {
    const Nest& nest = shape_.nest;
    plan_.form = contract_form(task.arch);
    plan_.tile_rows = tile_rows_of(task.arch);
    plan_.in_turn = task.setting.in_order;
    plan_.rows_first =
        task.setting.spatial &&
        std::any_of(nest.reduction.begin(), nest.reduction.end(),
                    [&](VariableId id) { return nest.variables[id].role == RDU_LOOP_WINDOW; });
  }

  std::optional<ContractPlan> run() {
    static constexpr std::int64_t kGroups[] = {1, 2, 3, 4, 6, 8, 12, 16, 24, 32, 48, 64};
    // Fewer columns only where the doors and counters of a scratchpad do not allow more.
    const std::int64_t most = std::min(tile_columns_of(task_.arch), shape_.columns);
    for (plan_.tile_columns = most; plan_.tile_columns > 0 && !best_; --plan_.tile_columns) {
      column_tiles_ = ceil_div(shape_.columns, plan_.tile_columns);
      for (const std::int64_t rows : kGroups) {
        for (const std::int64_t columns : kGroups) try_grid(rows, columns);
      }
    }
    return best_;
  }

 private:
  void try_grid(std::int64_t row_groups, std::int64_t column_groups) {
    const std::int64_t row_tiles = ceil_div(shape_.height * shape_.width, plan_.tile_rows);
    if (row_groups > std::min(row_tiles, shape_.height) || column_groups > column_tiles_) return;
    plan_.row_groups = row_groups;
    plan_.column_groups = column_groups;
    plan_.gathers = task_.setting.stays && row_groups > 1;
    for (plan_.column_blocks = 1; plan_.column_blocks <= column_tiles_; plan_.column_blocks *= 2) {
      plan_.column_tiles = ceil_div(column_tiles_, column_groups * plan_.column_blocks);
      // A block of columns that nobody has would be work for nothing.
      const std::int64_t blocks_before = column_groups * (plan_.column_blocks - 1);
      if (plan_.column_tiles * std::max(blocks_before, column_groups - 1) >= column_tiles_)
        continue;
      if (find_row_blocks() && !fetches_again_) return;
    }
  }

  bool find_row_blocks() {
    bool found = false;
    for (std::int64_t blocks = 1; blocks < 2 * shape_.height; blocks *= 2) {
      plan_.block_height = ceil_div(shape_.height, plan_.row_groups * blocks);
      plan_.row_blocks = ceil_div(shape_.height, plan_.row_groups * plan_.block_height);
      // Neither a group nor a block of all groups without rows.
      const std::int64_t first_of_last =
          std::max((plan_.row_groups - 1) * plan_.group_pitch(),
                   plan_.in_turn ? (plan_.row_blocks - 1) * plan_.block_pitch() : 0);
      if (first_of_last < shape_.height) {
        plan_.row_tiles = ceil_div(plan_.block_rows(shape_), plan_.tile_rows);
        found |= try_blocks();
      }
      if (plan_.block_height == 1) break;
    }
    return found;
  }

  bool try_blocks() {
    if (!share_results(task_, plan_)) return false;
    const auto planned = make_planned(shape_, plan_, task_.arch, 0, 0);
    if (!planned || !has_units(task_, plan_, *planned)) return false;
    judge(*planned);
    const std::int64_t once = plan_.column_groups * plan_.column_blocks * planned->b_tile.bytes();
    fetches_again_ =
        planned->b_tile.traffic_bytes(task_.arch.pcu.lanes) * plan_.column_groups > 2 * once;
    return true;
  }

  void judge(const PlannedNest& planned) {
    const ContractCost cost = cost_of(task_, plan_, planned);
    plan_.cycles = cost.cycles;
    plan_.working = cost.working;
    if (best_ && cost.judgement >= least_) return;
    best_ = plan_;
    least_ = cost.judgement;
  }

  const ContractTask& task_;
  const ContractShape& shape_;
  ContractPlan plan_;
  std::int64_t column_tiles_ = 1;
  bool fetches_again_ = false;  // the operand of the columns, as it does not stay in its tile
  std::optional<ContractPlan> best_;
  double least_ = 0;
};

}  // namespace

ContractForm contract_form(const rdu_hw_arch& arch) {
  return arch.pcu.systolic_rows != 0 ? ContractForm::kSystolic : ContractForm::kSimd;
}

// A vector fills a side of the array, as far as it goes.
std::int64_t tile_rows_of(const rdu_hw_arch& arch) {
  return arch.pcu.systolic_rows != 0 ? std::min(arch.pcu.systolic_rows, arch.pcu.lanes)
                                     : arch.pcu.lanes;
}

std::int64_t tile_columns_of(const rdu_hw_arch& arch) {
  if (arch.pcu.systolic_rows != 0) return std::min(arch.pcu.systolic_columns, arch.pcu.lanes);
  return std::min<std::int64_t>(kMostSimdColumns, arch.pcu.ports.vector_out);
}

std::optional<ContractPlan> plan_contract(const ContractTask& task) {
  return PlanSearch(task).run();
}

std::int64_t weight_transfers(const ContractPlan& plan, const Tile& tile) {
  constexpr std::int64_t kBytes = 1 << 20;  // of one of them
  return std::clamp<std::int64_t>(ceil_div(tile.bytes() * plan.column_groups, kBytes), 1,
                                  plan.column_groups);
}

}  // namespace rducc::rdu::lower
