// Contracts of floats whose accesses are no matrix: windows of any kind, padding in all modes, strides that only some
// points fall on. Which elements a tile needs is listed at load; a run gathers them by the list and multiplies. A constant
// operand is gathered once, at load.
#include <algorithm>
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

// The elements that an operand reads, in the order in which tiles want them: offsets, -1 where the fill is read.
class Operand {
 public:
  Access access;

  // Appends the points of `box`; false where one is an error.
  bool list(const Kernels& kernels, const Box& box) {
    IndexFault fault;
    Run run;
    run.fault = &fault;
    std::vector<std::int64_t> row_offsets(static_cast<std::size_t>(box.count[box.num_loops - 1]));
    MoveContext context{kernels, run};
    context.offsets = row_offsets.data();
    RowWalk walk(context, access, box);
    for (Row row; walk.next(row);) {
      for (std::int64_t i = 0; i < row.count; ++i) {
        const bool inside = i >= row.low && i < row.high;
        const std::int64_t offset =
            row.offsets != nullptr ? row.offsets[i] : row.base + row.stride * i;
        offsets_.push_back(inside ? offset : -1);
      }
    }
    return !fault.seen.load();
  }

  std::int64_t size() const { return static_cast<std::int64_t>(offsets_.size()); }
  void drop_list() { offsets_ = {}; }

  // Elements [first, first + count) of the list; every `line` of them begins `pitch` floats after the one before.
  void gather(const Kernels& kernels, const void* memory, const void* fill, std::int64_t first,
              std::int64_t count, std::int64_t line, std::int64_t pitch, float* to) const {
    if (line == pitch) line = count;
    for (std::int64_t at = 0; at < count; at += line, to += pitch) {
      kernels.move[2].gather_indexed(to, memory, offsets_.data() + first + at, fill,
                                     static_cast<std::size_t>(line));
    }
  }

 private:
  std::vector<std::int64_t> offsets_;
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
    return move_context_bytes(kTileSums) + Registers::bytes(epilogue_, kTileSums) +
           floats(plan_.most_rows * plan_.steps) + floats(pitch(plan_.most_lanes) * plan_.steps) +
           floats(plan_.most_rows * plan_.most_lanes);
  }
  std::uint64_t resident_bytes() const override {
    return static_cast<std::uint64_t>(rows_.size() + lanes_.size()) * sizeof(std::int64_t) +
           packed_bytes_;
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
      row_first_.push_back(rows_.size());
      if (!rows_.list(kernels_, with_reduction(plan_.row_box(i, origin)))) return false;
    }
    for (std::int64_t i = 0; i < plan_.lane_boxes; ++i) {
      lane_first_.push_back(lanes_.size());
      if (!lanes_.list(kernels_, with_reduction(plan_.lane_box(i, origin)))) return false;
    }
    return true;
  }

  void pack_lanes(const float* data, PackedMemory& memory) {
    const Box origin = plan_.batch_box(0);
    const std::int64_t panel = pitch(plan_.most_lanes) * plan_.steps;
    packed_bytes_ = floats(panel * plan_.lane_boxes);
    auto* packed = static_cast<float*>(memory.take(packed_bytes_));
    std::memset(packed, 0, packed_bytes_);
    for (std::int64_t i = 0; i < plan_.lane_boxes; ++i) {
      const std::int64_t lanes = plan_.lane_box(i, origin).points();
      lanes_.gather(kernels_, data, &lanes_.access.fill, lane_first_[static_cast<std::size_t>(i)],
                    lanes * plan_.steps, lanes, pitch(lanes), packed + i * panel);
    }
    packed_ = packed;
    lanes_.drop_list();
  }

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
    Workspace space{carve_move_context(kernels_, run, kTileSums, memory)};
    space.epilogue = Registers::carve(epilogue_, kTileSums, kernels_, memory);
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
      gather(space, rows_, at, row_first_[static_cast<std::size_t>(row_box)],
             num_rows * plan_.steps, plan_.steps, plan_.steps, space.rows);
    }
    const float* panel = packed_ + lane_box * pitch(plan_.most_lanes) * plan_.steps;
    if (packed_ == nullptr) {
      panel = space.lanes;
      if (space.lanes_of != batch * plan_.lane_boxes + lane_box) {
        space.lanes_of = batch * plan_.lane_boxes + lane_box;
        gather(space, lanes_, at, lane_first_[static_cast<std::size_t>(lane_box)],
               num_lanes * plan_.steps, num_lanes, pitch(num_lanes), space.lanes);
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

  void gather(const Workspace& space, const Operand& operand, const Box& batch, std::int64_t first,
              std::int64_t count, std::int64_t line, std::int64_t pitch, float* to) const {
    const Access& access = operand.access;
    std::int64_t offset = 0;
    for (std::uint32_t l = 0; l < batch.num_loops; ++l) offset += access.stride[l] * batch.start[l];
    const Run& run = space.context.run;
    const void* fill = &access.fill;
    if (!access.fill_place.none()) fill = run.at(access.fill_place);
    operand.gather(kernels_, reinterpret_cast<const float*>(run.at(access.place)) + offset, fill,
                   first, count, line, pitch, to);
  }

  const Kernels& kernels_;
  Access write_;
  Operand rows_, lanes_;
  std::vector<std::int64_t> row_first_, lane_first_;  // in the lists, by box
  const float* packed_ = nullptr;                     // all lanes
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
