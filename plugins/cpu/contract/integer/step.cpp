// Contracts of small integers, whatever their accesses: boxes of both operands are packed into words and multiplied
// exactly, one tile of the result after the other. What is constant is packed at load.
#include <algorithm>

#include "plugins/cpu/access/integer.hpp"
#include "plugins/cpu/contract/contract_step.hpp"
#include "plugins/cpu/contract/integer/epilogue.hpp"
#include "plugins/cpu/contract/integer/panels.hpp"
#include "plugins/cpu/contract/packed_memory.hpp"

namespace rdu::cpu {
namespace {

constexpr std::int64_t kTaskProducts = 1 << 20;
constexpr std::int64_t kMostShares = 8;

std::uint64_t aligned(std::uint64_t bytes) { return align_up(bytes, 64); }

class IntegerStep : public Step {
 public:
  static std::unique_ptr<Step> make(const BuildContext& context, const rdu_node& node,
                                    const IntegerOperands& operands) {
    auto step = std::unique_ptr<IntegerStep>(new IntegerStep(context, node));
    if (!step->plan(context, node, operands)) return nullptr;
    if (step->rows_.constant()) step->pack_rows(*context.packed);
    step->look_at_zero_points();
    if (step->lanes_.constant()) step->pack_lanes(*context.packed);
    step->choose_units();
    return step;
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
    return move_context_bytes(capacity()) + epilogue_.memory_bytes() + sums_bytes() +
           start_bytes() + panels_.scratch_bytes() + panels_.rows_bytes(plan_.most_rows) +
           panels_.lanes_bytes(plan_.most_lanes);
  }
  std::uint64_t resident_bytes() const override { return resident_; }
  bool parallel() const override { return units_ > units_per_task_; }

 private:
  struct Workspace {
    MoveContext context;
    IntegerEpilogue::Memory epilogue{};
    std::int32_t *sums = nullptr, *row_start = nullptr;
    std::byte *scratch = nullptr, *rows = nullptr, *lanes = nullptr;
  };

  IntegerStep(const BuildContext& context, const rdu_node& node)
      : kernels_(context.kernels),
        integers_(select_integers(context.kernels)),
        epilogue_(context, node) {}

  bool plan(const BuildContext& context, const rdu_node& node, const IntegerOperands& operands) {
    PanelOperand first = panel_operand(context, node, operands.first);
    PanelOperand second = panel_operand(context, node, operands.second);
    TileUsers users{{&first.values}, {&second.values}, epilogue_.users(), &epilogue_.write()};
    if (first.reads_zeros) users.first.push_back(&first.zeros);
    if (second.reads_zeros) users.second.push_back(&second.zeros);
    if (!plan_tiles(nest_of(context, node), users, integers_.width, 1, plan_)) return false;
    lanes_ = plan_.first_is_lanes ? first : second;
    rows_ = plan_.first_is_lanes ? second : first;
    const auto zero_reduces = [&](const PanelOperand& operand) {
      return operand.reads_zeros && (loops_moving(operand.zeros) & plan_.loops.reduction) != 0;
    };
    if (zero_reduces(lanes_) || zero_reduces(rows_)) return false;
    panels_ = IntegerPanels(plan_.nest, integers_, plan_.most_rows, plan_.most_lanes);
    epilogue_.settle(plan_.loops);
    return true;
  }

  // Runs fn with the move context that reads a constant operand, and memory for its bytes.
  template <class F>
  void with_constant(PanelOperand operand, const F& fn) const {
    std::byte* addresses[] = {static_cast<std::byte*>(const_cast<void*>(operand.data)),
                              static_cast<std::byte*>(const_cast<void*>(operand.zeros_data))};
    operand.values.place = {0};
    operand.zeros.place = {1};
    Run run;
    run.addresses = addresses;
    std::vector<std::byte> memory(move_context_bytes(capacity()) + panels_.scratch_bytes());
    std::byte* next = memory.data();
    const MoveContext context = carve_move_context(kernels_, run, capacity(), next);
    fn(context, operand, next);
  }

  void pack_rows(PackedMemory& memory) {
    rows_by_batch_ = moves_with_batch(rows_);
    with_constant(
        rows_, [&](const MoveContext& context, const PanelOperand& rows, std::byte* scratch) {
          for (std::int64_t b = 0; b < (rows_by_batch_ ? plan_.batches : 1); ++b) {
            for (std::int64_t i = 0; i < plan_.row_boxes; ++i) {
              const Box box = plan_.row_box(i, plan_.batch_box(b));
              const std::uint64_t bytes = panels_.rows_bytes(box.points());
              packed_rows_.push_back(
                  panels_.rows_at(static_cast<std::byte*>(memory.take(bytes)), box.points()));
              panels_.pack_rows(context, rows, box, packed_rows_.back(), scratch);
              resident_ += bytes;
            }
          }
        });
  }

  void pack_lanes(PackedMemory& memory) {
    lanes_by_batch_ = moves_with_batch(lanes_);
    with_constant(
        lanes_, [&](const MoveContext& context, const PanelOperand& lanes, std::byte* scratch) {
          for (std::int64_t b = 0; b < (lanes_by_batch_ ? plan_.batches : 1); ++b) {
            for (std::int64_t i = 0; i < plan_.lane_boxes; ++i) {
              const Box box = plan_.lane_box(i, plan_.batch_box(b));
              const std::uint64_t bytes = panels_.lanes_bytes(box.points());
              packed_lanes_.push_back(
                  panels_.lanes_at(static_cast<std::byte*>(memory.take(bytes)), box.points()));
              panels_.pack_lanes(context, lanes, box, packed_lanes_.back(), sums_lanes_, scratch);
              resident_ += bytes;
            }
          }
        });
  }

  bool moves_with_batch(const PanelOperand& operand) const {
    const std::uint32_t zeros = operand.reads_zeros ? loops_moving(operand.zeros) : 0;
    return ((loops_moving(operand.values) | zeros) & plan_.loops.batch) != 0;
  }

  // Sums over lanes are wanted where some row's zero point is not 0 in the packed words.
  void look_at_zero_points() {
    if (packed_rows_.empty()) {
      const std::int32_t shift = rows_.is_signed ? 0 : integers_.unsigned_row_shift;
      sums_lanes_ = rows_.reads_zeros || rows_.zero != shift;
    }
    for (std::size_t i = 0; i < packed_rows_.size(); ++i) {
      const Box box = plan_.row_box(static_cast<std::int64_t>(i) % plan_.row_boxes, Box{});
      const std::int32_t* zeros = packed_rows_[i].zeros;
      sums_lanes_ = sums_lanes_ || std::any_of(zeros, zeros + box.points(),
                                               [](std::int32_t zero) { return zero != 0; });
    }
    zeros_by_lane_ = lanes_.reads_zeros && (loops_moving(lanes_.zeros) & plan_.loops.lanes) != 0;
  }

  // A unit is a batch, a box of the outer side, and a share of the boxes of the inner side.
  void choose_units() {
    rows_outside_ = !packed_lanes_.empty() && packed_rows_.empty();
    outer_boxes_ = rows_outside_ ? plan_.row_boxes : plan_.lane_boxes;
    inner_boxes_ = rows_outside_ ? plan_.lane_boxes : plan_.row_boxes;
    const std::int64_t outer = plan_.batches * outer_boxes_;
    if (outer < kMostShares) {
      const std::int64_t wanted = std::min(kMostShares / outer, plan_.products / kTaskProducts);
      shares_ = std::clamp<std::int64_t>(wanted, 1, inner_boxes_);
    }
    units_ = outer * shares_;
    units_per_task_ = std::max<std::int64_t>(
        1, kTaskProducts / std::max<std::int64_t>(1, plan_.products / units_));
  }

  std::uint64_t sums_bytes() const {
    const auto most = static_cast<std::uint64_t>(plan_.most_rows * plan_.most_lanes);
    return aligned((most + IntegerEpilogue::kSlack) * 4);
  }
  std::uint64_t start_bytes() const {
    return aligned(static_cast<std::uint64_t>(plan_.most_rows) * 4);
  }
  static std::int64_t capacity() { return std::max(kTileSums, IntegerPanels::kLoad); }

  Workspace carve(const Run& run, std::byte* memory) const {
    Workspace space{carve_move_context(kernels_, run, capacity(), memory)};
    space.epilogue = epilogue_.carve(kernels_, memory);
    space.sums = reinterpret_cast<std::int32_t*>(memory);
    memory += sums_bytes();
    space.row_start = reinterpret_cast<std::int32_t*>(memory);
    memory += start_bytes();
    space.scratch = memory;
    memory += panels_.scratch_bytes();
    space.rows = memory;
    space.lanes = memory + panels_.rows_bytes(plan_.most_rows);
    return space;
  }

  void run_unit(const Workspace& space, std::int64_t unit) const {
    const std::int64_t share = unit % shares_;
    const std::int64_t outer = unit / shares_ % outer_boxes_, batch = unit / shares_ / outer_boxes_;
    const std::int64_t end = inner_boxes_ * (share + 1) / shares_;
    const Box at = plan_.batch_box(batch);
    if (rows_outside_) {
      const Box row_box = plan_.row_box(outer, at);
      const PackedRows rows = rows_for(space, batch, outer, row_box);
      for (std::int64_t i = inner_boxes_ * share / shares_; i < end; ++i) {
        const Box lane_box = plan_.lane_box(i, at);
        run_tile(space, row_box, rows, lane_box, lanes_for(space, batch, i, lane_box));
      }
    } else {
      const Box lane_box = plan_.lane_box(outer, at);
      const PackedLanes lanes = lanes_for(space, batch, outer, lane_box);
      for (std::int64_t i = inner_boxes_ * share / shares_; i < end; ++i) {
        const Box row_box = plan_.row_box(i, at);
        run_tile(space, row_box, rows_for(space, batch, i, row_box), lane_box, lanes);
      }
    }
  }

  PackedRows rows_for(const Workspace& space, std::int64_t batch, std::int64_t number,
                      const Box& box) const {
    if (!packed_rows_.empty()) {
      const std::int64_t first = rows_by_batch_ ? batch * plan_.row_boxes : 0;
      return packed_rows_[static_cast<std::size_t>(first + number)];
    }
    const PackedRows rows = panels_.rows_at(space.rows, box.points());
    panels_.pack_rows(space.context, rows_, box, rows, space.scratch);
    return rows;
  }

  PackedLanes lanes_for(const Workspace& space, std::int64_t batch, std::int64_t number,
                        const Box& box) const {
    if (!packed_lanes_.empty()) {
      const std::int64_t first = lanes_by_batch_ ? batch * plan_.lane_boxes : 0;
      return packed_lanes_[static_cast<std::size_t>(first + number)];
    }
    const PackedLanes lanes = panels_.lanes_at(space.lanes, box.points());
    panels_.pack_lanes(space.context, lanes_, box, lanes, sums_lanes_, space.scratch);
    return lanes;
  }

  // sum (L - zl)(S - zs) = sum L·S - zl (sum S - K zs) - zs sum L, in arithmetic that wraps.
  void run_tile(const Workspace& space, const Box& row_box, const PackedRows& rows,
                const Box& lane_box, const PackedLanes& lanes) const {
    const auto num_rows = static_cast<std::size_t>(row_box.points());
    const auto num_lanes = static_cast<std::size_t>(lane_box.points());
    const auto panel = static_cast<std::size_t>(panels_.panel_lanes(lane_box.points()));
    const auto lane_zero = static_cast<std::uint32_t>(zeros_by_lane_ ? 0 : lanes.zeros[0]);
    for (std::size_t r = 0; r < num_rows; ++r) {
      space.row_start[r] = static_cast<std::int32_t>(0 - lane_zero * centred_sum(rows, r));
    }
    integers_.multiply({space.sums, lanes.words, rows.words, space.row_start, num_lanes, panel,
                        num_rows, panels_.groups()});
    for (std::size_t r = 0; r < num_rows; ++r) {
      std::int32_t* sums = space.sums + r * num_lanes;
      if (rows.zeros[r] != 0) {
        integers_.subtract_product(sums, lanes.sums, rows.zeros[r], num_lanes);
      }
      if (!zeros_by_lane_) continue;
      integers_.subtract_product(sums, lanes.zeros, static_cast<std::int32_t>(centred_sum(rows, r)),
                                 num_lanes);
    }
    epilogue_.run(space.context, space.epilogue, plan_.tile(row_box, lane_box), space.sums,
                  num_rows, num_lanes);
  }

  // sum S - K zs.
  std::uint32_t centred_sum(const PackedRows& rows, std::size_t r) const {
    return static_cast<std::uint32_t>(rows.sums[r]) -
           static_cast<std::uint32_t>(panels_.steps()) * static_cast<std::uint32_t>(rows.zeros[r]);
  }

  const Kernels& kernels_;
  const IntegerKernels& integers_;
  IntegerEpilogue epilogue_;
  TilePlan plan_;
  PanelOperand rows_, lanes_;
  IntegerPanels panels_;
  std::vector<PackedRows> packed_rows_;    // by batch and box, where the operand is constant
  std::vector<PackedLanes> packed_lanes_;  // likewise
  bool rows_by_batch_ = false, lanes_by_batch_ = false;
  bool sums_lanes_ = false, zeros_by_lane_ = false;
  bool rows_outside_ = false;
  std::int64_t outer_boxes_ = 1, inner_boxes_ = 1;
  std::int64_t units_ = 1, units_per_task_ = 1, shares_ = 1;
  std::uint64_t resident_ = 0;
};

}  // namespace

std::unique_ptr<Step> make_integer_step(const BuildContext& context, const rdu_node& node) {
  const auto operands = integer_operands(context, node);
  return operands ? IntegerStep::make(context, node, *operands) : nullptr;
}

}  // namespace rdu::cpu
