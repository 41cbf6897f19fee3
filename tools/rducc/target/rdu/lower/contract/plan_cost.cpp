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

// Steps of a sum, each of which takes two cycles where the lanes end a row and begin the next one, in banks that meet.
double steps(const ContractTask& task, const ContractPlan& plan, const PlannedNest& planned) {
  const auto k = static_cast<double>(planned.nest.points(planned.nest.reduction));
  if (task.setting.spatial || !plan.flattens(task.shape)) return k;
  const double crossing =
      static_cast<double>(plan.tile_rows - 1) / static_cast<double>(task.shape.width);
  return k * (1 + std::min(1.0, crossing));
}

double computing(const ContractTask& task, const ContractPlan& plan, const PlannedNest& planned) {
  const Nest& nest = planned.nest;
  const double blocks = static_cast<double>(nest.points(planned.outside)) *
                        static_cast<double>(nest.points(planned.tiles));
  const bool drains = plan.form == ContractForm::kSystolic;
  return blocks *
         std::max(steps(task, plan, planned), drains ? static_cast<double>(plan.tile_rows) : 1.0);
}

// Bytes of operands: of all fills of their tiles, and of the first ones, which the first block waits for.
struct Incoming {
  double all = 0, first = 0;
};

// Bursts over vectors, where a tile has a part of rows: each begins anywhere in a burst, and opens a row of the memory.
double straddling(const Touch& touch, const Tile& tile, std::int64_t lanes) {
  if (touch.dims.empty()) return 1;
  const std::int64_t run = tile.dims.back().size;
  if (run == touch.dims.back().extent) return 1;
  const std::int64_t more = lanes + (run % lanes == 0 ? 0 : lanes - 1);
  return static_cast<double>(run + more) / static_cast<double>(round_up(run, lanes));
}

Incoming incoming(const ContractTask& task, const ContractPlan& plan, const PlannedNest& planned) {
  const std::int64_t lanes = task.arch.pcu.lanes;
  Incoming in;
  const auto come = [&](std::uint32_t operand, std::int64_t bytes, double traffic,
                        std::int64_t fills) {
    const bool stays = task.setting.may_stay[operand] && bytes <= task.capacity();
    if (task.setting.made_here[operand] || stays) return;
    in.all += traffic;
    in.first += traffic / static_cast<double>(fills);
  };
  const auto traffic = [&](const Touch& touch, const Tile& tile, std::int64_t groups) {
    // Neighbours share the transfer of what comes in once.
    const bool is_whole = task.setting.spatial || (&touch == &planned.b && tile.level == 0);
    return static_cast<double>(tile.traffic_bytes(task.arch.pcu.lanes) * groups) *
           (is_whole ? 1 : straddling(touch, tile, lanes));
  };
  const Tile& rows = planned.a_tile;
  const Tile& columns = planned.b_tile;
  come(task.shape.a, planned.a_bytes, traffic(planned.a, rows, plan.row_groups), rows.fills);
  come(task.shape.b, planned.b_bytes, traffic(planned.b, columns, plan.column_groups),
       columns.fills);
  return in;
}

// Bytes of results, whose rows of a block may begin and end anywhere in a burst.
double outgoing(const ContractTask& task, const ContractPlan& plan, double results) {
  const double reads = static_cast<double>(task.shape.nest.reads.size()) - 1;
  const double bytes = results * 4 * std::max(1.0, reads - 1);
  const bool in_pieces = task.shape.rows_across && plan.row_groups * plan.row_blocks > 1;
  if (task.setting.spatial || !in_pieces) return bytes;
  const auto run = static_cast<double>(plan.block_rows(task.shape));
  return bytes * (run + static_cast<double>(task.arch.pcu.lanes) - 1) / run;
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

// Of a node that is alone: what the first block waits for, then work and memory at the same time, then what the last block leaves.
double by_itself(double first, double working, double moving, double last) {
  return first + std::max(working, moving - first - last) + last;
}

}  // namespace

ContractCost cost_of(const ContractTask& task, const ContractPlan& plan,
                     const PlannedNest& planned) {
  constexpr double kUnitsPerCost = 2000;  // of plans that are as fast, the smaller one
  const ContractShape& shape = task.shape;
  const double rate = bytes_per_cycle(task.arch);
  const double results = static_cast<double>(planned.nest.points(shape.outer)) *
                         static_cast<double>(shape.height * shape.width * shape.columns);
  const Incoming in = incoming(task, plan, planned);
  const double out = outgoing(task, plan, results);
  const double leaving = results / static_cast<double>(task.arch.pcu.lanes * plan.streams_out());
  const double blocks = static_cast<double>(planned.nest.points(planned.outside));
  ContractCost cost;
  cost.working = std::max(computing(task, plan, planned), leaving);
  cost.cycles = task.setting.spatial ? pipelined(plan, cost.working, in.all / rate)
                                     : by_itself(in.first / rate, cost.working,
                                                 (in.all + out) / rate, out / blocks / rate);
  const double units = static_cast<double>(plan.row_groups * plan.column_groups);
  cost.judgement = cost.cycles * (1 + units / kUnitsPerCost) +
                   (task.setting.spatial ? bytes_again(task, plan, planned) / rate : 0);
  return cost;
}

}  // namespace rducc::rdu::lower
