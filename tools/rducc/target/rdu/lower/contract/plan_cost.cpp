// Estimates a plan: computing, moving, and what comes in more than once.
#include "tools/rducc/target/rdu/lower/contract/plan_cost.hpp"

#include <algorithm>

namespace rducc::rdu::lower {
namespace {

double bytes_per_cycle(const rdu_hw_arch& arch) {
  constexpr double kReached = 0.8;
  return static_cast<double>(rdu_hw_dram_peak_bytes_per_s(&arch.dram)) /
         static_cast<double>(arch.clock_hz) * kReached;
}

double computing(const ContractPlan& plan, const PlannedNest& planned) {
  const Nest& nest = planned.nest;
  const double blocks = static_cast<double>(nest.points(planned.outside)) *
                        static_cast<double>(nest.points(planned.tiles));
  const double k = static_cast<double>(nest.points(nest.reduction));
  const bool drains = plan.form == ContractForm::kSystolic;
  return blocks * std::max(k, drains ? static_cast<double>(plan.tile_rows) : 1.0);
}

double bytes_in(const ContractTask& task, const ContractPlan& plan, const PlannedNest& planned) {
  const auto comes = [&](std::uint32_t operand, std::int64_t bytes) {
    return !task.setting.made_here[operand] &&
           !(task.setting.may_stay[operand] && bytes <= task.capacity());
  };
  const auto traffic = [&](const Tile& tile, std::int64_t groups) {
    return static_cast<double>(tile.traffic_bytes(task.arch.pcu.lanes) * groups);
  };
  return (comes(task.shape.a, planned.a_bytes) ? traffic(planned.a_tile, plan.row_groups) : 0) +
         (comes(task.shape.b, planned.b_bytes) ? traffic(planned.b_tile, plan.column_groups) : 0);
}

// Bytes of operands that come in more than once, which others of the section pay for as well.
double bytes_again(const ContractTask& task, const ContractPlan& plan, const PlannedNest& planned) {
  constexpr double kPrice = 4;
  const auto more = [&](std::uint32_t read, const Touch& touch, const Tile& tile,
                        std::int64_t groups) {
    if (task.setting.made_here[read] || touch.dims.empty()) return 0.0;
    const std::int64_t once = touch.dims[0].extent * touch.dims[0].pitch * 4;
    return static_cast<double>(
        std::max<std::int64_t>(0, tile.traffic_bytes(task.arch.pcu.lanes) * groups - once));
  };
  return kPrice * (more(task.shape.a, planned.a, planned.a_tile, plan.row_groups) +
                   more(task.shape.b, planned.b, planned.b_tile, plan.column_groups));
}

// Of a stage among others: its time, and what passes before the next stage has its first block.
double pipelined(const ContractPlan& plan, double working, double loading) {
  constexpr double kOthers = 3;  // who share the memory
  return std::max(working, loading) + working / static_cast<double>(plan.row_blocks) +
         kOthers * loading;
}

}  // namespace

ContractCost cost_of(const ContractTask& task, const ContractPlan& plan,
                     const PlannedNest& planned) {
  constexpr double kUnitsPerCost = 2000;  // of plans that are as fast, the smaller one
  const ContractShape& shape = task.shape;
  const double rate = bytes_per_cycle(task.arch);
  const double results = static_cast<double>(planned.nest.points(shape.outer)) *
                         static_cast<double>(shape.height * shape.width * shape.columns);
  const double reads = static_cast<double>(planned.nest.reads.size()) - 1;
  const double in = bytes_in(task, plan, planned);
  const double out = results * 4 * std::max(1.0, reads - 1);
  const double leaving = results / static_cast<double>(task.arch.pcu.lanes * plan.streams_out());
  const bool serial = planned.a_tile.fills == 1 && planned.b_tile.fills == 1;
  ContractCost cost;
  cost.working = std::max(computing(plan, planned), leaving);
  cost.cycles = serial ? in / rate + std::max(cost.working, out / rate)
                       : std::max(cost.working, (in + out) / rate);
  if (task.setting.spatial) cost.cycles = pipelined(plan, cost.working, in / rate);
  const double units = static_cast<double>(plan.row_groups * plan.column_groups);
  cost.judgement = cost.cycles * (1 + units / kUnitsPerCost) +
                   (task.setting.spatial ? bytes_again(task, plan, planned) / rate : 0);
  return cost;
}

}  // namespace rducc::rdu::lower
