// Counts units of a plan.
#include "tools/rducc/target/rdu/lower/contract/plan_units.hpp"

#include <algorithm>

#include "tools/rducc/target/rdu/lower/band.hpp"

namespace rducc::rdu::lower {
namespace {

constexpr std::int64_t kOperationsPerPcu = 3;  // of an epilogue, with what passes operands on
constexpr double kTransfersPerAgcu = 1.7;
constexpr std::uint32_t kSmallMesh = 32;  // units, with wires enough for all of them
// Of the units of a larger mesh: beyond that wires are what there is too little of.
constexpr double kUnitsWithWays = 0.8;

std::int64_t result_bytes(const ContractPlan& plan) {
  const std::int64_t rows = plan.row_tiles * plan.tile_rows + 1;
  return plan.units_per_result * (plan.group_columns() + 1) * rows * 4;
}

// Scratchpads in which a row group has its operand.
std::int64_t row_buffers(const ContractTask& task, const PlannedNest& planned) {
  if (!task.setting.made_here[task.shape.a] || planned.a.dims.empty()) return 1;
  const Position& outermost = planned.a.dims[0];
  const std::int64_t whole = outermost.extent * outermost.pitch * 4;
  if (whole <= task.capacity()) return 1;
  const auto band = band_of(planned.nest, planned.a);
  return band && band->size() * 4 <= task.capacity() ? 1 : ceil_div(whole, task.capacity());
}

std::int64_t num_reads(const ContractTask& task) {
  return static_cast<std::int64_t>(task.shape.nest.reads.size());
}

// That bring results together and run the epilogue: by operations, and by the doors that operands come through.
std::int64_t finishing_units(const ContractTask& task, const ContractPlan& plan) {
  const std::int64_t groups = plan.gathers ? plan.row_groups : 1;
  const std::int64_t results = groups * plan.results_per_row();
  const std::int64_t operands = results + num_reads(task) - 2;
  const std::int64_t operations = task.shape.epilogue_operations + results - 1 + 2 * (groups - 1);
  const std::int64_t doors = std::max<std::int64_t>(1, task.arch.pcu.ports.vector_in - 1);
  return std::max(ceil_div(operations, kOperationsPerPcu), ceil_div(operands - 1, doors));
}

std::int64_t compute_units(const ContractTask& task, const ContractPlan& plan) {
  const bool scatters = plan.form == ContractForm::kSimd && plan.tile_columns > 1;
  return plan.row_groups * plan.column_groups + (scatters ? plan.column_groups : 0) +
         plan.streams_out() * finishing_units(task, plan);
}

std::int64_t memory_units(const ContractTask& task, const ContractPlan& plan,
                          const PlannedNest& planned) {
  return plan.row_groups * (row_buffers(task, planned) + plan.results_per_row()) +
         plan.column_groups;
}

// Among other nodes, what even the smallest grid needs is not counted.
std::int64_t transfers(const ContractTask& task, const ContractPlan& plan,
                       const PlannedNest& planned) {
  const bool shares_weights = planned.b_tile.level == 0;
  const std::int64_t weights = task.setting.made_here[task.shape.b] ? 0
                               : shares_weights ? weight_transfers(plan, planned.b_tile)
                                                : plan.column_groups;
  const std::int64_t rows = task.setting.made_here[task.shape.a] ? 0 : 1;
  const std::int64_t reads = num_reads(task);
  const std::int64_t smallest_grid = rows + reads - 1 + 1;
  const std::int64_t wanted = plan.row_groups * rows + plan.streams_out() * (reads - 1) + weights;
  return task.setting.spatial ? wanted - smallest_grid : wanted;
}

}  // namespace

bool share_results(const ContractTask& task, ContractPlan& plan) {
  const rdu_hw_arch& arch = task.arch;
  const Nest& nest = task.shape.nest;
  const bool systolic = plan.form == ContractForm::kSystolic;
  const std::int64_t streams = systolic ? 1 : plan.tile_columns;
  std::int64_t around = std::count_if(task.shape.outer.begin(), task.shape.outer.end(),
                                      [&](VariableId id) { return nest.extent(id) > 1; });
  around += (plan.row_blocks > 1 ? 1 : 0) + (plan.column_blocks > 1 ? 1 : 0);
  const std::int64_t tiles = (plan.row_tiles > 1 ? 1 : 0) + (plan.column_tiles > 1 ? 1 : 0);
  const std::int64_t each = around + tiles + (systolic ? 2 : 1);
  const std::int64_t left = static_cast<std::int64_t>(arch.pmu.counters) - around - 2;
  plan.units_per_result = std::min({plan.column_groups, left / (each * streams),
                                    static_cast<std::int64_t>(arch.pmu.ports.vector_in) / streams});
  while (plan.units_per_result > 1 && result_bytes(plan) > task.capacity()) --plan.units_per_result;
  return plan.units_per_result > 0 && result_bytes(plan) <= task.capacity();
}

bool has_units(const ContractTask& task, const ContractPlan& plan, const PlannedNest& planned) {
  if (plan.row_groups == 1 && plan.column_groups == 1) return true;
  const rdu_hw_arch& arch = task.arch;
  const double ways = rdu_hw_arch_num_units(&arch) <= kSmallMesh ? 1 : kUnitsWithWays;
  const auto allows = [&](std::int64_t needed, double units) {
    return static_cast<double>(needed) <= units * task.setting.budget;
  };
  return allows(compute_units(task, plan), rdu_hw_arch_num_pcus(&arch) * ways) &&
         allows(memory_units(task, plan, planned), rdu_hw_arch_num_pmus(&arch) * ways) &&
         allows(transfers(task, plan, planned), arch.agcu.count * kTransfersPerAgcu);
}

}  // namespace rducc::rdu::lower
