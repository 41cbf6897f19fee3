// Contracts of floats whose accesses are no matrix: windows of any kind, padding in all modes, strides that only some
// points fall on. Which elements a tile needs is listed at load; a run gathers them by the list and multiplies. A constant
// operand is gathered once, at load.
#include <algorithm>
#include <bit>
#include <cstring>

#include "plugins/cpu/access/integer.hpp"
#include "plugins/cpu/access/row_walk.hpp"
#include "plugins/cpu/body/evaluate.hpp"
#include "plugins/cpu/contract/contract_step.hpp"
#include "plugins/cpu/contract/packed_memory.hpp"
#include "plugins/cpu/contract/tile_plan.hpp"

namespace rdu::cpu {
namespace {

constexpr std::int64_t kTaskProducts = 1 << 19;
constexpr std::int64_t kLongestList = 1 << 18;  // elements of one operand
constexpr std::int64_t kFewestSums = 4;         // of a tile; fewer are a reduction

std::uint64_t floats(std::int64_t count) {
  return align_up(static_cast<std::uint64_t>(count) * sizeof(float), 64);
}

// Nothing of the access is known at run time only, and batches move it as a whole.
bool may_list(const Access& access, std::uint32_t batch_loops) {
  for (const Computed& computed : access.computed) {
    if (computed.source != nullptr || !computed.extent.fixed()) return false;
  }
  return (irregular_loops(access) & batch_loops) == 0;
}

// Results that differ by what they take of `mine` alone.
std::int64_t points_of(const Nest& nest, const Access& mine, const Access& other) {
  const std::uint32_t loops = loops_moving(mine) & ~loops_moving(other) & ~nest.reduction;
  std::int64_t points = 1;
  for (std::uint32_t l = 0; l < nest.num_loops; ++l) {
    if ((loops >> l & 1) != 0) points *= nest.extents[l].bound;
  }
  return points;
}

// The elements that an operand reads, in the order in which tiles want them.
class Operand {
 public:
  Access access;

  // Appends the points of `box`; every `line` of them begins `pitch` floats after the one before. False where one is
  // an error.
  bool list(const Kernels& kernels, const Box& box, std::int64_t line, std::int64_t pitch) {
    IndexFault fault;
    Run run;
    run.fault = &fault;
    std::vector<std::int64_t> row_offsets(static_cast<std::size_t>(box.count[box.num_loops - 1]));
    MoveContext context{kernels, run};
    context.offsets = row_offsets.data();
    first_.push_back(runs_.size());
    std::int64_t number = 0;
    RowWalk walk(context, access, box);
    for (Row row; walk.next(row);) {
      for (std::int64_t i = 0; i < row.count; ++i, ++number) {
        const bool inside = i >= row.low && i < row.high;
        const std::int64_t offset =
            row.offsets != nullptr ? row.offsets[i] : row.base + row.stride * i;
        append(number / line * pitch + number % line, inside ? offset : -1);
      }
    }
    return !fault.seen.load();
  }

  std::uint64_t bytes() const { return runs_.size() * sizeof(CopyRun); }
  void drop_list() { runs_ = {}; }

  void gather(const Kernels& kernels, const float* memory, float fill, std::int64_t box,
              float* to) const {
    const auto number = static_cast<std::size_t>(box);
    const std::size_t first = first_[number];
    const std::size_t end = number + 1 < first_.size() ? first_[number + 1] : runs_.size();
    kernels.copy_runs(to, memory, runs_.data() + first, end - first, fill);
  }

 private:
  void append(std::int64_t to, std::int64_t from) {
    if (from < 0) from = -1;
    if (runs_.size() > first_.back()) {
      CopyRun& last = runs_.back();
      const auto next = static_cast<std::int64_t>(last.to) + last.count;
      const bool follows =
          from < 0 ? last.from < 0 : last.from >= 0 && last.from + last.count == from;
      if (to == next && follows) {
        ++last.count;
        return;
      }
    }
    runs_.push_back({from, static_cast<std::uint32_t>(to), 1});
  }

  std::vector<CopyRun> runs_;
  std::vector<std::size_t> first_;  // of each box
};

class GatheredStep : public Step {
 public:
  static std::unique_ptr<Step> make(const BuildContext& context, const rdu_node& node,
                                    const Operands& operands) {
    auto step = std::unique_ptr<GatheredStep>(new GatheredStep(context, node));
    return step->plan(context, node, operands) ? std::move(step) : nullptr;
  }

  plugin::Status run(const Run& run) const override {
    const std::int64_t tasks = (units_ + units_per_task_ - 1) / units_per_task_;
    for_each_task(run, tasks, [&](std::int64_t task, std::byte* memory) {
      Workspace space = carve(run, memory);
      const std::int64_t end = std::min(units_, (task + 1) * units_per_task_);
      for (std::int64_t unit = task * units_per_task_; unit < end; ++unit) run_unit(space, unit);
    });
    return {};
  }

  std::uint64_t workspace_bytes() const override {
    return move_context_bytes(tile_sums()) + Registers::bytes(epilogue_, tile_sums()) +
           floats(plan_.most_rows * plan_.steps) + floats(pitch(plan_.most_lanes) * plan_.steps) +
           floats(plan_.most_rows * plan_.most_lanes);
  }
  std::uint64_t resident_bytes() const override {
    return rows_.bytes() + lanes_.bytes() + packed_bytes_;
  }
  bool parallel() const override { return units_ > units_per_task_; }

 private:
  struct Workspace {
    MoveContext context;
    Registers epilogue{};
    float *rows = nullptr, *lanes = nullptr, *sums = nullptr;
    std::int64_t rows_of = -1, lanes_of = -1;  // which boxes they hold, batches counted in
  };

  GatheredStep(const BuildContext& context, const rdu_node& node) : kernels_(context.kernels) {
    const NodeScope scope = scope_of(context, node);
    write_ = lower_write(scope, context.graph.writes(node)[0]);
    epilogue_ =
        compile_epilogue({scope, kernels_, node, node.epilogue, RDU_DTYPE_F32}, {&write_.dtype, 1});
  }

  bool plan(const BuildContext& context, const rdu_node& node, const Operands& operands) {
    Access first = operands.first, second = operands.second;
    const auto constant = [&](std::uint32_t read) {
      return context.graph.value(context.graph.reads(node)[read].value).data;
    };
    const void* first_data = constant(operands.first_read);
    const void* second_data = constant(operands.second_read);
    TileUsers users{{&first}, {&second}, {}, &write_};
    epilogue_.add_users(users.others);
    users.others.accesses.push_back(&write_);
    // Vectors of weights are packed for good, if there are enough weights for a vector.
    const Nest nest = nest_of(context, node);
    if ((first_data != nullptr) != (second_data != nullptr)) {
      const bool first_is_weights = first_data != nullptr;
      if (points_of(nest, first_is_weights ? first : second, first_is_weights ? second : first) >=
          kFloatLanes / 2) {
        users.first_is_lanes = first_is_weights;
      }
    }
    if (!plan_tiles(nest, users, kFloatLanes, sizeof(float), plan_)) return false;
    if (plan_.most_rows * plan_.most_lanes < kFewestSums) return false;
    lanes_.access = plan_.first_is_lanes ? first : second;
    rows_.access = plan_.first_is_lanes ? second : first;
    if (!list_elements()) return false;
    const void* data = plan_.first_is_lanes ? first_data : second_data;
    if (data != nullptr && (loops_moving(lanes_.access) & plan_.loops.batch) == 0) {
      pack_lanes(static_cast<const float*>(data), *context.packed);
    }
    units_ = plan_.batches * plan_.row_boxes * plan_.lane_boxes;
    units_per_task_ = std::max<std::int64_t>(
        1, kTaskProducts / std::max<std::int64_t>(1, plan_.products / units_));
    return true;
  }

  bool list_elements() {
    const auto fits = [&](const Operand& operand, std::int64_t points) {
      return may_list(operand.access, plan_.loops.batch) && points * plan_.steps <= kLongestList;
    };
    if (!fits(rows_, plan_.row_boxes * plan_.most_rows)) return false;
    if (!fits(lanes_, plan_.lane_boxes * plan_.most_lanes)) return false;
    const Box origin = plan_.batch_box(0);
    for (std::int64_t i = 0; i < plan_.row_boxes; ++i) {
      const Box box = with_reduction(plan_.row_box(i, origin));
      if (!rows_.list(kernels_, box, plan_.steps, plan_.steps)) return false;
    }
    for (std::int64_t i = 0; i < plan_.lane_boxes; ++i) {
      const Box box = plan_.lane_box(i, origin);
      const std::int64_t lanes = box.points();
      if (!lanes_.list(kernels_, with_reduction(box), lanes, pitch(lanes))) return false;
    }
    return true;
  }

  void pack_lanes(const float* data, PackedMemory& memory) {
    const std::int64_t panel = pitch(plan_.most_lanes) * plan_.steps;
    packed_bytes_ = floats(panel * plan_.lane_boxes);
    const PackedLayout layout = layout_of(
        "gathered", {plan_.lane_boxes, plan_.most_lanes, pitch(plan_.most_lanes), plan_.steps});
    packed_ = memory.pack_floats(layout, panel * plan_.lane_boxes,
                                 [&](float* packed) { gather_lanes(data, panel, packed); });
    lanes_.drop_list();
  }

  void gather_lanes(const float* data, std::int64_t panel, float* packed) const {
    std::memset(packed, 0, packed_bytes_);
    for (std::int64_t i = 0; i < plan_.lane_boxes; ++i) {
      lanes_.gather(kernels_, data, fill_of(lanes_.access), i, packed + i * panel);
    }
  }

  std::int64_t tile_sums() const { return plan_.most_rows * plan_.most_lanes; }

  // Panels have whole vectors for each step.
  static std::int64_t pitch(std::int64_t lanes) {
    return static_cast<std::int64_t>(align_up(static_cast<std::uint64_t>(lanes), kFloatLanes));
  }

  Box with_reduction(Box box) const {
    for (std::uint32_t l = 0; l < plan_.nest.num_loops; ++l) {
      if (plan_.nest.reduces(l)) box.count[l] = plan_.nest.extents[l].bound;
    }
    return box;
  }

  Workspace carve(const Run& run, std::byte* memory) const {
    Workspace space{carve_move_context(kernels_, run, tile_sums(), memory)};
    space.epilogue = Registers::carve(epilogue_, tile_sums(), kernels_, memory);
    space.rows = reinterpret_cast<float*>(memory);
    memory += floats(plan_.most_rows * plan_.steps);
    space.lanes = reinterpret_cast<float*>(memory);
    memory += floats(pitch(plan_.most_lanes) * plan_.steps);
    space.sums = reinterpret_cast<float*>(memory);
    return space;
  }

  // Neighbouring units share what is dearer to gather: the rows where lanes are packed.
  void run_unit(Workspace& space, std::int64_t unit) const {
    const std::int64_t inner = packed_ != nullptr ? plan_.lane_boxes : plan_.row_boxes;
    const std::int64_t outer = packed_ != nullptr ? plan_.row_boxes : plan_.lane_boxes;
    const std::int64_t batch = unit / (inner * outer);
    std::int64_t row_box = unit / inner % outer, lane_box = unit % inner;
    if (packed_ == nullptr) std::swap(row_box, lane_box);
    const Box at = plan_.batch_box(batch);
    const Box rows = plan_.row_box(row_box, at), lanes = plan_.lane_box(lane_box, at);
    const std::int64_t num_rows = rows.points(), num_lanes = lanes.points();
    if (space.rows_of != batch * plan_.row_boxes + row_box) {
      space.rows_of = batch * plan_.row_boxes + row_box;
      gather(space, rows_, at, row_box, space.rows);
    }
    const float* panel = packed_ + lane_box * pitch(plan_.most_lanes) * plan_.steps;
    if (packed_ == nullptr) {
      panel = space.lanes;
      if (space.lanes_of != batch * plan_.lane_boxes + lane_box) {
        space.lanes_of = batch * plan_.lane_boxes + lane_box;
        gather(space, lanes_, at, lane_box, space.lanes);
      }
    }
    kernels_.multiply_floats({space.sums, panel, space.rows, static_cast<std::size_t>(num_lanes),
                              static_cast<std::size_t>(pitch(num_lanes)),
                              static_cast<std::size_t>(num_rows),
                              static_cast<std::size_t>(plan_.steps)});
    const Box tile = plan_.tile(rows, lanes);
    evaluate(space.context, epilogue_, tile, space.epilogue, space.sums, nullptr);
    store_box(space.context, write_, tile, space.epilogue.pointers[epilogue_.results[0]]);
  }

  static float fill_of(const Access& access) {
    return std::bit_cast<float>(static_cast<std::uint32_t>(access.fill));
  }

  void gather(const Workspace& space, const Operand& operand, const Box& batch, std::int64_t box,
              float* to) const {
    const Access& access = operand.access;
    std::int64_t offset = 0;
    for (std::uint32_t l = 0; l < batch.num_loops; ++l) offset += access.stride[l] * batch.start[l];
    const Run& run = space.context.run;
    const float fill =
        access.fill_place.none() ? fill_of(access) : run.scalar<float>(access.fill_place);
    operand.gather(kernels_, reinterpret_cast<const float*>(run.at(access.place)) + offset, fill,
                   box, to);
  }

  const Kernels& kernels_;
  Access write_;
  Operand rows_, lanes_;
  const float* packed_ = nullptr;  // all lanes
  std::uint64_t packed_bytes_ = 0;
  Body epilogue_;
  TilePlan plan_;
  std::int64_t units_ = 1, units_per_task_ = 1;
};

}  // namespace

std::unique_ptr<Step> make_gathered_step(const BuildContext& context, const rdu_node& node,
                                         const Operands& operands) {
  const auto blocked = [&](std::uint32_t read) {
    return context.places.blocked(context.graph.reads(node)[read].value);
  };
  if (bounded_loops(context, node) != 0 || blocked(operands.first_read) ||
      blocked(operands.second_read) ||
      context.places.blocked(context.graph.writes(node)[0].value)) {
    return nullptr;
  }
  return GatheredStep::make(context, node, operands);
}

}  // namespace rdu::cpu
