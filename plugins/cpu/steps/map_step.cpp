// Map: a vector program over every point, box by box; programs that only move data copy straight from memory to memory.
#include <algorithm>
#include <bit>
#include <cstdlib>
#include <optional>

#include "plugins/cpu/access/grid.hpp"
#include "plugins/cpu/access/strided_copy.hpp"
#include "plugins/cpu/access/table_copy.hpp"
#include "plugins/cpu/body/evaluate.hpp"
#include "plugins/cpu/simd/scalar.hpp"
#include "plugins/cpu/steps/node_scope.hpp"

namespace rdu::cpu {
namespace {

constexpr std::int64_t kTransposeSide = 32;
constexpr std::int64_t kMovePoints = 1 << 15;

// Loops from the slowest to the fastest in the first result's memory.
std::vector<std::uint32_t> order_by_stride(const Nest& nest, const Access& write) {
  std::vector<std::uint32_t> order;
  for (std::uint32_t l = 0; l < nest.num_loops; ++l) {
    if (moves(nest.extents[l])) order.push_back(l);
  }
  std::stable_sort(order.begin(), order.end(), [&](std::uint32_t a, std::uint32_t b) {
    return std::abs(write.stride[a]) > std::abs(write.stride[b]);
  });
  return order;
}

// The loop along which some read is dense while the innermost loop jumps, or kMaxLoops.
std::uint32_t transposed_loop(const Nest& nest, const Body& body) {
  const std::uint32_t inner = nest.num_loops - 1;
  for (const Access& access : body.accesses) {
    if (access.stride[inner] == 0 || access.stride[inner] == 1) continue;
    for (std::uint32_t l = 0; l < inner; ++l) {
      if (access.stride[l] == 1) return l;
    }
  }
  return kMaxLoops;
}

LoopArray box_size(const Nest& nest, const Body& body, std::int64_t capacity) {
  const std::uint32_t transposed = transposed_loop(nest, body);
  if (transposed == kMaxLoops) return fill_from_inside(nest, 0, capacity);
  const std::uint32_t inner = nest.num_loops - 1;
  LoopArray size;
  size.fill(1);
  const std::int64_t across = nest.extents[transposed].bound, along = nest.extents[inner].bound;
  const std::int64_t narrow = std::min(across, kTransposeSide);
  size[inner] = std::clamp<std::int64_t>(
      along, 1, std::max<std::int64_t>(capacity / std::max<std::int64_t>(narrow, 1), 1));
  size[transposed] = std::clamp<std::int64_t>(across, 1, capacity / size[inner]);
  return size;
}

class MapStep : public Step {
 public:
  MapStep(const BuildContext& context, const rdu_node& node) : kernels_(context.kernels) {
    const NodeScope scope = split_scope_of(context, node);
    nest_ = nest_of(context, node, scope.split);
    std::vector<rdu_dtype> dtypes;
    for (const rdu_write& write : context.graph.writes(node)) {
      writes_.push_back(lower_write(scope, write));
      dtypes.push_back(writes_.back().dtype);
    }
    body_ = compile_body({scope, kernels_, node, node.body}, dtypes);
    LoopUsers users;
    body_.add_users(users);
    for (Access& write : writes_) users.accesses.push_back(&write);
    reshape(nest_, order_by_stride(nest_, writes_[0]), users);
    choose_boxes();
  }

  plugin::Status run(const Run& run) const override {
    if (whole_) {
      run_copy(kernels_, whole_->log2_bytes, whole_->copy, run.at(writes_[0].place) + whole_->to,
               run.at(body_.accesses[0].place) + whole_->from);
      return {};
    }
    if (grid_) return run_grid(run, *grid_);
    return run_grid(run, Grid(nest_.num_loops, nest_.resolve(run), size_));
  }

  std::uint64_t workspace_bytes() const override {
    return move_context_bytes(capacity_) + Registers::bytes(body_, capacity_);
  }
  bool parallel() const override { return parallel_; }

 private:
  // A copy that is one box, in bytes.
  struct WholeCopy {
    PreparedCopy copy;
    std::uint32_t log2_bytes;
    std::int64_t to, from;
  };

  plugin::Status run_grid(const Run& run, const Grid& grid) const {
    for_each_run_of_boxes(run, grid.num_boxes(), boxes_per_task_,
                          [&](std::int64_t first, std::int64_t end, std::byte* workspace) {
                            run_boxes(run, grid, first, end, workspace);
                          });
    return {};
  }

  void choose_boxes() {
    moves_ = body_.moves_only() && body_.accesses[0].dtype == writes_[0].dtype &&
             plugin::dtype_bits(writes_[0].dtype) >= 8;
    const bool by_tables = moves_ && is_table_copy(body_.accesses[0], writes_[0], nest_.num_loops);
    copies_ = moves_ && (by_tables || (body_.accesses[0].affine() && writes_[0].affine()));
    capacity_ = register_capacity(body_);
    size_ = box_size(nest_, body_, copies_ ? kMovePoints : capacity_);
    std::int64_t points = 1, boxes = 1;
    for (std::uint32_t l = 0; l < nest_.num_loops; ++l) {
      points *= size_[l];
      boxes *= (nest_.extents[l].bound + size_[l] - 1) / size_[l];
    }
    capacity_ = std::min(capacity_, std::max<std::int64_t>(points, 1));
    keep_grid(boxes);
    const auto steps =
        static_cast<std::int64_t>(body_.feeds.size() + 2 * body_.operations.size() + 1);
    boxes_per_task_ =
        std::max<std::int64_t>(1, kTaskWork / std::max<std::int64_t>(1, points * steps));
    parallel_ = boxes > boxes_per_task_;
  }

  void run_boxes(const Run& run, const Grid& grid, std::int64_t first, std::int64_t end,
                 std::byte* workspace) const {
    if (copies_) {
      for (std::int64_t b = first; b < end; ++b) copy(run, grid.box(b));
      return;
    }
    const MoveContext context = carve_move_context(kernels_, run, capacity_, workspace);
    const Registers registers = Registers::carve(body_, capacity_, kernels_, workspace);
    for (std::int64_t b = first; b < end; ++b) {
      const Box box = grid.box(b);
      if (moves_ && load_into_place(context, box)) continue;
      evaluate(context, body_, box, registers, nullptr, direct_result(context, box));
      for (std::size_t w = 0; w < writes_.size(); ++w) {
        store_box(context, writes_[w], box, registers.pointers[body_.results[w]]);
      }
    }
  }

  // What is read lies in memory as it does in a register: where it belongs may be that register.
  bool load_into_place(const MoveContext& context, const Box& box) const {
    void* place = dense_memory(context, writes_[0], box);
    return place != nullptr && load_box(context, body_.accesses[0], box, place) == place;
  }

  // The last operation may write to memory itself if its result is the only one.
  void* direct_result(const MoveContext& context, const Box& box) const {
    const bool single = writes_.size() == 1 && !body_.operations.empty() &&
                        body_.operations.back().reg == body_.results[0];
    return single ? dense_memory(context, writes_[0], box) : nullptr;
  }

  // What does not change from run to run is worked out once: small maps are many.
  void keep_grid(std::int64_t boxes) {
    LoopArray extents{};
    for (std::uint32_t l = 0; l < nest_.num_loops; ++l) {
      if (!nest_.extents[l].fixed()) return;
      extents[l] = nest_.extents[l].bound;
    }
    grid_.emplace(nest_.num_loops, extents, size_);
    if (copies_ && boxes == 1 && body_.accesses[0].affine()) whole_ = whole_copy(grid_->box(0));
  }

  WholeCopy whole_copy(const Box& box) const {
    const Access& from = body_.accesses[0];
    const Access& to = writes_[0];
    const auto bytes = static_cast<std::int64_t>(memory_bytes(to.dtype));
    const auto log2_bytes =
        static_cast<std::uint32_t>(std::countr_zero(static_cast<std::uint64_t>(bytes)));
    const StridedCopy copy{box.num_loops, box.count, to.stride, from.stride};
    return {prepare_copy(copy), log2_bytes, first_element(to, box) * bytes,
            first_element(from, box) * bytes};
  }

  void copy(const Run& run, const Box& box) const {
    const Access& from = body_.accesses[0];
    const Access& to = writes_[0];
    if (!from.affine()) {
      const auto bytes = memory_bytes(to.dtype);
      return table_copy(kernels_, run, from, to,
                        static_cast<std::uint32_t>(std::countr_zero(bytes)), box);
    }
    const WholeCopy box_copy = whole_copy(box);
    run_copy(kernels_, box_copy.log2_bytes, box_copy.copy, run.at(to.place) + box_copy.to,
             run.at(from.place) + box_copy.from);
  }

  const Kernels& kernels_;
  Nest nest_;
  Body body_;
  std::vector<Access> writes_;
  LoopArray size_{};
  std::int64_t capacity_ = 0;
  std::int64_t boxes_per_task_ = 1;
  std::optional<Grid> grid_;  // where no run decides an extent
  std::optional<WholeCopy> whole_;
  bool moves_ = false;   // one value to one other, as it is
  bool copies_ = false;  // and by strides or tables alone
  bool parallel_ = false;
};

}  // namespace

std::unique_ptr<Step> make_map_step(const BuildContext& context, const rdu_node& node) {
  return std::make_unique<MapStep>(context, node);
}

}  // namespace rdu::cpu
