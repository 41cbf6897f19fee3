// Contracts of floats whose operands are stored as something else: half floats, integers that p or q dequantise. Boxes
// are converted when they are multiplied, so memory and file keep the narrow form; lanes once, rows again for each box of
// lanes.
#include <algorithm>
#include <cstring>

#include "plugins/cpu/access/integer.hpp"
#include "plugins/cpu/body/evaluate.hpp"
#include "plugins/cpu/contract/contract_step.hpp"
#include "plugins/cpu/contract/tile_plan.hpp"

namespace rdu::cpu {
namespace {

constexpr std::int64_t kTaskProducts = 1 << 19;
constexpr std::int64_t kMostShares = 8;
constexpr std::int64_t kConverted = 1024;  // elements at a time

std::uint64_t floats(std::int64_t count) {
  return align_up(static_cast<std::uint64_t>(count) * sizeof(float), 64);
}

bool is_float32_load(const BuildContext& context, const rdu_node& node, std::size_t result) {
  const rdu_instr& in = context.graph.instrs(node.body)[context.graph.results(node.body)[result]];
  return in.op == RDU_OP_LOAD && in.dtype == RDU_DTYPE_F32;
}

class ConvertedStep : public Step {
 public:
  static std::unique_ptr<Step> make(const BuildContext& context, const rdu_node& node) {
    auto step = std::unique_ptr<ConvertedStep>(new ConvertedStep(context, node));
    return step->plan(context, node) ? std::move(step) : nullptr;
  }

  plugin::Status run(const Run& run) const override {
    const std::int64_t tasks = (units_ + units_per_task_ - 1) / units_per_task_;
    for_each_task(run, tasks, [&](std::int64_t task, std::byte* memory) {
      const Workspace space = carve(run, memory);
      const std::int64_t end = std::min(units_, (task + 1) * units_per_task_);
      for (std::int64_t unit = task * units_per_task_; unit < end; ++unit) run_unit(space, unit);
    });
    return {};
  }

  std::uint64_t workspace_bytes() const override {
    return move_context_bytes(kTileSums) + Registers::bytes(rows_, kConverted) +
           Registers::bytes(lanes_, kConverted) + Registers::bytes(epilogue_, kTileSums) +
           floats(plan_.most_rows * plan_.steps) + floats(panel_lanes() * plan_.steps) +
           floats(plan_.most_rows * plan_.most_lanes);
  }
  bool parallel() const override { return units_ > units_per_task_; }

 private:
  struct Workspace {
    MoveContext context;
    Registers row_registers{}, lane_registers{}, epilogue{};
    float *rows = nullptr, *lanes = nullptr, *sums = nullptr;
  };

  ConvertedStep(const BuildContext& context, const rdu_node& node) : kernels_(context.kernels) {
    const NodeScope scope = scope_of(context, node);
    write_ = lower_write(scope, context.graph.writes(node)[0]);
    epilogue_ =
        compile_epilogue({scope, kernels_, node, node.epilogue, RDU_DTYPE_F32}, {&write_.dtype, 1});
  }

  // One result of the node's body alone.
  Body operand(const BuildContext& context, const rdu_node& node, std::uint32_t result) const {
    rdu_program_code code = node.body;
    code.first_result += result;
    code.num_results = 1;
    const rdu_dtype dtype = RDU_DTYPE_F32;
    return compile_body({scope_of(context, node), kernels_, node, code}, {&dtype, 1});
  }

  bool plan(const BuildContext& context, const rdu_node& node) {
    Body first = operand(context, node, 0), second = operand(context, node, 1);
    TileUsers users{{}, {}, {}, &write_};
    for (Access& access : first.accesses) users.first.push_back(&access);
    for (Access& access : second.accesses) users.second.push_back(&access);
    epilogue_.add_users(users.others);
    users.others.accesses.push_back(&write_);
    if (!plan_tiles(nest_of(context, node), users, kFloatLanes, sizeof(float), plan_)) return false;
    lanes_ = std::move(plan_.first_is_lanes ? first : second);
    rows_ = std::move(plan_.first_is_lanes ? second : first);
    const std::int64_t outer = plan_.batches * plan_.lane_boxes;
    if (outer < kMostShares) {
      const std::int64_t wanted = std::min(kMostShares / outer, plan_.products / kTaskProducts);
      shares_ = std::clamp<std::int64_t>(wanted, 1, plan_.row_boxes);
    }
    units_ = outer * shares_;
    units_per_task_ = std::max<std::int64_t>(
        1, kTaskProducts / std::max<std::int64_t>(1, plan_.products / units_));
    return true;
  }

  std::int64_t panel_lanes() const {
    return static_cast<std::int64_t>(
        align_up(static_cast<std::uint64_t>(plan_.most_lanes), kFloatLanes));
  }

  Workspace carve(const Run& run, std::byte* memory) const {
    Workspace space{carve_move_context(kernels_, run, kTileSums, memory)};
    space.row_registers = Registers::carve(rows_, kConverted, kernels_, memory);
    space.lane_registers = Registers::carve(lanes_, kConverted, kernels_, memory);
    space.epilogue = Registers::carve(epilogue_, kTileSums, kernels_, memory);
    space.rows = reinterpret_cast<float*>(memory);
    memory += floats(plan_.most_rows * plan_.steps);
    space.lanes = reinterpret_cast<float*>(memory);
    memory += floats(panel_lanes() * plan_.steps);
    space.sums = reinterpret_cast<float*>(memory);
    return space;
  }

  void run_unit(const Workspace& space, std::int64_t unit) const {
    const std::int64_t share = unit % shares_, lane_box = unit / shares_ % plan_.lane_boxes;
    const Box at = plan_.batch_box(unit / shares_ / plan_.lane_boxes);
    const Box lanes = plan_.lane_box(lane_box, at);
    const std::int64_t num_lanes = lanes.points(), steps = plan_.steps;
    // Panels are packed with a row of whole vectors for each step.
    const auto panel =
        static_cast<std::int64_t>(align_up(static_cast<std::uint64_t>(num_lanes), kFloatLanes));
    convert(space.context, lanes_, space.lane_registers, with_reduction(lanes), num_lanes, panel,
            space.lanes);
    const std::int64_t end = plan_.row_boxes * (share + 1) / shares_;
    for (std::int64_t i = plan_.row_boxes * share / shares_; i < end; ++i) {
      const Box rows = plan_.row_box(i, at);
      convert(space.context, rows_, space.row_registers, with_reduction(rows), steps, steps,
              space.rows);
      kernels_.multiply_floats(
          {space.sums, space.lanes, space.rows, static_cast<std::size_t>(num_lanes),
           static_cast<std::size_t>(panel), static_cast<std::size_t>(rows.points()),
           static_cast<std::size_t>(steps)});
      const Box tile = plan_.tile(rows, lanes);
      evaluate(space.context, epilogue_, tile, space.epilogue, space.sums, nullptr);
      store_box(space.context, write_, tile, space.epilogue.pointers[epilogue_.results[0]]);
    }
  }

  Box with_reduction(Box box) const {
    for (std::uint32_t l = 0; l < plan_.nest.num_loops; ++l) {
      if (plan_.nest.reduces(l)) box.count[l] = plan_.nest.extents[l].bound;
    }
    return box;
  }

  // The points of the box, in order; every `line` of them begins `pitch` floats after the one before.
  void convert(const MoveContext& context, const Body& body, const Registers& registers,
               const Box& box, std::int64_t line, std::int64_t pitch, float* to) const {
    LoopArray size = box.count;
    std::int64_t left = kConverted;
    for (std::uint32_t l = box.num_loops; l-- > 0;) {
      size[l] = std::min(left, box.count[l]);
      left = size[l] == box.count[l] ? left / box.count[l] : 1;
    }
    const Grid grid(box.num_loops, box.count, size);
    std::int64_t in_line = 0;
    for (std::int64_t b = 0; b < grid.num_boxes(); ++b) {
      Box piece = grid.box(b);
      for (std::uint32_t l = 0; l < box.num_loops; ++l) piece.start[l] += box.start[l];
      evaluate(context, body, piece, registers, nullptr, nullptr);
      const auto* from = static_cast<const float*>(registers.pointers[body.results[0]]);
      for (std::int64_t points = piece.points(); points > 0;) {
        const std::int64_t count = std::min(points, line - in_line);
        std::memcpy(to, from, static_cast<std::size_t>(count) * sizeof(float));
        points -= count;
        from += count;
        in_line += count;
        to += count;
        if (in_line != line) continue;
        to += pitch - line;
        in_line = 0;
      }
    }
  }

  const Kernels& kernels_;
  Access write_;
  Body rows_, lanes_, epilogue_;
  TilePlan plan_;
  std::int64_t units_ = 1, units_per_task_ = 1, shares_ = 1;
};

}  // namespace

std::unique_ptr<Step> make_converted_step(const BuildContext& context, const rdu_node& node) {
  if (node.acc_dtype != RDU_DTYPE_F32 || context.graph.writes(node).size() != 1) return nullptr;
  for (const rdu_loop& loop : context.graph.loops(node)) {
    if (loop.extent_value != RDU_NONE || loop.extent == 0) return nullptr;
  }
  if (is_float32_load(context, node, 0) && is_float32_load(context, node, 1)) return nullptr;
  return ConvertedStep::make(context, node);
}

}  // namespace rdu::cpu
