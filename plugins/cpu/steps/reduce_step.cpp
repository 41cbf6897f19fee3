// Reduce (and a contract that no library call matches): the body over boxes of points, met into lanes per result, then
// the epilogue over the results. A task owns its results, so no two tasks add into one.
#include <algorithm>
#include <cstdlib>
#include <cstring>

#include "plugins/cpu/access/grid.hpp"
#include "plugins/cpu/access/integer.hpp"
#include "plugins/cpu/body/evaluate.hpp"
#include "plugins/cpu/simd/scalar.hpp"
#include "plugins/cpu/steps/node_scope.hpp"

namespace rdu::cpu {
namespace {

constexpr std::int64_t kMostResults = 256;  // of one box

bool is_arg(std::uint32_t combine) {
  return combine >= RDU_COMBINE_ARGMIN_FIRST && combine <= RDU_COMBINE_ARGMAX_LAST;
}

// Windows that lie closer than this, and no further apart than they are long, are walked result by result.
constexpr std::int64_t kNearResults = 8;

struct NearestLoop {
  std::int64_t stride = INT64_MAX;
  std::int64_t extent = 0;

  void meet(std::int64_t other, std::int64_t count) {
    if (other != 0 && other < stride) *this = {other, count};
  }
};

// Are the elements that lie together in memory reduced into one result, rather than into results that lie together?
bool reduces_rows(const Nest& nest, const Body& body) {
  NearestLoop element, result;
  for (const Access& access : body.accesses) {
    for (std::uint32_t l = 0; l < nest.num_loops; ++l) {
      if (!moves(nest.extents[l])) continue;
      NearestLoop& nearest = nest.reduces(l) ? element : result;
      nearest.meet(std::abs(access.stride[l]), nest.extents[l].bound);
    }
  }
  if (element.stride > result.stride || element.extent == 0) return false;
  const bool windows = result.stride <= kNearResults &&
                       result.stride <= element.stride * element.extent &&
                       result.extent >= element.extent;
  return !windows;
}

class ReduceStep : public Step {
 public:
  ReduceStep(const BuildContext& context, const rdu_node& node)
      : kernels_(context.kernels), combine_(node.combine), acc_dtype_(node.acc_dtype) {
    const NodeScope scope = split_scope_of(context, node);
    nest_ = nest_of(context, node, scope.split);
    std::vector<rdu_dtype> dtypes;
    for (const rdu_write& write : context.graph.writes(node)) {
      writes_.push_back(lower_write(scope, write));
      dtypes.push_back(writes_.back().dtype);
    }
    compile_body_of(scope, node);
    const rdu_dtype result = is_arg(combine_) ? RDU_DTYPE_I64 : acc_dtype_;
    epilogue_ = compile_epilogue({scope, kernels_, node, node.epilogue, result}, dtypes);
    rows_ = reduces_rows(nest_, body_);
    order_loops();
    choose_boxes();
  }

  plugin::Status run(const Run& run) const override {
    const LoopArray extents = nest_.resolve(run);
    const Grid grid(nest_.num_loops, results_only(extents), result_size_);
    for_each_run_of_boxes(run, grid.num_boxes(), boxes_per_task_,
                          [&](std::int64_t first, std::int64_t end, std::byte* workspace) {
                            run_boxes(run, extents, grid, first, end, workspace);
                          });
    return {};
  }

  std::uint64_t workspace_bytes() const override {
    return move_context_bytes(capacity_) + Registers::bytes(body_, capacity_) +
           Registers::bytes(epilogue_, kMostResults) + 2 * total_bytes() + lanes_bytes();
  }
  bool parallel() const override { return parallel_; }

 private:
  struct Task {
    MoveContext context;
    Registers body{}, epilogue{};
    std::byte* total = nullptr;     // one per result: the value, or the best value
    std::byte* position = nullptr;  // one I64 per result, of ARGMIN and ARGMAX
    std::byte* lanes = nullptr;
  };

  static std::uint64_t total_bytes() { return kMostResults * sizeof(std::int64_t); }
  std::uint64_t lanes_bytes() const { return kMostResults * kLanes * register_bytes(acc_dtype_); }

  void compile_body_of(const NodeScope& scope, const rdu_node& node) {
    if (node.pattern == RDU_PATTERN_CONTRACT) {
      const rdu_dtype operands[] = {acc_dtype_, acc_dtype_};
      body_ = compile_body({scope, kernels_, node, node.body}, operands);
      append_product(body_, kernels_, acc_dtype_);
    } else if (is_arg(combine_)) {
      body_ = compile_body({scope, kernels_, node, node.body}, {});
      acc_dtype_ = body_.result_dtypes[0];
    } else {
      body_ = compile_body({scope, kernels_, node, node.body}, {&acc_dtype_, 1});
    }
  }

  // Reduction loops keep their order, which defines the result; results go the way they lie in memory.
  void order_loops() {
    std::vector<std::uint32_t> parallel, reduction;
    for (std::uint32_t l = 0; l < nest_.num_loops; ++l) {
      if (moves(nest_.extents[l])) (nest_.reduces(l) ? reduction : parallel).push_back(l);
    }
    std::stable_sort(parallel.begin(), parallel.end(), [&](std::uint32_t a, std::uint32_t b) {
      return std::abs(writes_[0].stride[a]) > std::abs(writes_[0].stride[b]);
    });
    std::vector<std::uint32_t> order = rows_ ? parallel : reduction;
    const auto& rest = rows_ ? reduction : parallel;
    order.insert(order.end(), rest.begin(), rest.end());
    LoopUsers users;
    body_.add_users(users);
    epilogue_.add_users(users);
    for (Access& write : writes_) users.accesses.push_back(&write);
    reshape(nest_, order, users);
    result_loops_ = ~nest_.reduction & ((1u << nest_.num_loops) - 1);
  }

  void choose_boxes() {
    capacity_ = register_capacity(body_);
    std::int64_t steps = 1, results = 1;
    for (std::uint32_t l = 0; l < nest_.num_loops; ++l) {
      (nest_.reduces(l) ? steps : results) *= nest_.extents[l].bound;
    }
    lanes_ = steps <= kShortReduction ? 1 : kLanes;
    if (rows_) {
      reduction_size_ = fill_from_inside(nest_, result_loops_, capacity_);
      result_size_ = fill_from_inside(
          nest_, nest_.reduction, std::min(kMostResults, capacity_ / box_points(reduction_size_)));
    } else {
      result_size_ = fill_from_inside(nest_, nest_.reduction, std::min(kMostResults, capacity_));
      reduction_size_ =
          fill_from_inside(nest_, result_loops_, capacity_ / box_points(result_size_));
    }
    capacity_ = std::min(capacity_, box_points(result_size_) * box_points(reduction_size_));
    const std::int64_t per_box =
        box_points(result_size_) * std::max<std::int64_t>(steps, 1) *
        static_cast<std::int64_t>(body_.feeds.size() + 2 * body_.operations.size() + 1);
    boxes_per_task_ = std::max<std::int64_t>(1, kTaskWork / std::max<std::int64_t>(per_box, 1));
    const std::int64_t boxes = results / std::max<std::int64_t>(1, box_points(result_size_));
    parallel_ = boxes > boxes_per_task_;
  }

  std::int64_t box_points(const LoopArray& size) const {
    std::int64_t points = 1;
    for (std::uint32_t l = 0; l < nest_.num_loops; ++l) points *= size[l];
    return std::max<std::int64_t>(points, 1);
  }

  LoopArray results_only(LoopArray extents) const {
    for (std::uint32_t l = 0; l < nest_.num_loops; ++l) {
      if (nest_.reduces(l)) extents[l] = 1;
    }
    return extents;
  }
  LoopArray reduction_only(LoopArray extents) const {
    for (std::uint32_t l = 0; l < nest_.num_loops; ++l) {
      if (!nest_.reduces(l)) extents[l] = 1;
    }
    return extents;
  }

  void run_boxes(const Run& run, const LoopArray& extents, const Grid& grid, std::int64_t first,
                 std::int64_t end, std::byte* workspace) const {
    Task task{carve_move_context(kernels_, run, capacity_, workspace)};
    task.body = Registers::carve(body_, capacity_, kernels_, workspace);
    task.epilogue = Registers::carve(epilogue_, kMostResults, kernels_, workspace);
    task.total = workspace;
    task.position = workspace + total_bytes();
    task.lanes = workspace + 2 * total_bytes();
    for (std::int64_t b = first; b < end; ++b) {
      const Box results = grid.box(b);
      reduce(task, extents, results);
      const void* accumulated = is_arg(combine_) ? task.position : task.total;
      evaluate(task.context, epilogue_, results, task.epilogue, accumulated, nullptr);
      for (std::size_t w = 0; w < writes_.size(); ++w) {
        store_box(task.context, writes_[w], results, task.epilogue.pointers[epilogue_.results[w]]);
      }
    }
  }

  void reduce(const Task& task, const LoopArray& extents, const Box& results) const {
    const auto count = static_cast<std::size_t>(results.points());
    prepare(task, count);
    const Grid grid(nest_.num_loops, reduction_only(extents), reduction_size_);
    std::int64_t position = 0;
    for (std::int64_t b = 0; b < grid.num_boxes(); ++b) {
      Box box = grid.box(b);
      const std::int64_t steps = box.points();
      for (std::uint32_t l = 0; l < nest_.num_loops; ++l) {
        if (nest_.reduces(l)) continue;
        box.start[l] = results.start[l];
        box.count[l] = results.count[l];
      }
      evaluate(task.context, body_, box, task.body, nullptr, nullptr);
      const void* values = task.body.pointers[body_.results[0]];
      if (is_arg(combine_))
        meet_positions(task, values, count, steps, position);
      else
        meet(task, values, count, steps, position);
      position += steps;
    }
    if (!is_arg(combine_)) fold(task, count);
  }

  void prepare(const Task& task, std::size_t count) const {
    const MoveKernels& move = kernels_.move[log2_acc()];
    const std::uint64_t identity = identity_bits(combine_, acc_dtype_);
    move.fill(task.total, &identity, count);
    move.fill(task.lanes, &identity, count * lanes_);
    if (is_arg(combine_)) std::memset(task.position, 0xff, count * sizeof(std::int64_t));
  }

  std::uint32_t log2_acc() const {
    return static_cast<std::uint32_t>(__builtin_ctz(register_bytes(acc_dtype_)));
  }

  const ReduceKernels& reducer() const {
    const LaneKernels& kernels = kernels_.reduce[combine_][acc_dtype_];
    return lanes_ == 1 ? kernels.one : kernels.many;
  }

  // Boxes may cross the places where lanes are folded.
  void meet(const Task& task, const void* values, std::size_t count, std::int64_t steps,
            std::int64_t position) const {
    const auto bytes = static_cast<std::int64_t>(register_bytes(acc_dtype_));
    for (std::int64_t done = 0; done < steps;) {
      if (position != 0 && position % kFold == 0) fold(task, count);
      const std::int64_t n = std::min(steps - done, kFold - position % kFold);
      const auto* first = static_cast<const std::byte*>(values) +
                          done * bytes * (rows_ ? 1 : static_cast<std::int64_t>(count));
      const auto phase = static_cast<std::size_t>(position);
      if (rows_) {
        reducer().rows(task.lanes, first, count, static_cast<std::size_t>(n),
                       static_cast<std::size_t>(steps), phase);
      } else {
        reducer().columns(task.lanes, first, count, static_cast<std::size_t>(n), phase);
      }
      done += n;
      position += n;
    }
  }

  void fold(const Task& task, std::size_t count) const {
    const std::uint64_t identity = identity_bits(combine_, acc_dtype_);
    if (rows_)
      reducer().fold(task.total, task.lanes, count, lanes_, 1, &identity);
    else
      reducer().fold(task.total, task.lanes, count, 1, count, &identity);
    if (const VectorFn wrap = kernels_.wrap[acc_dtype_]; wrap != nullptr) {
      wrap(task.total, task.total, nullptr, nullptr, count);
    }
  }

  void meet_positions(const Task& task, const void* values, std::size_t count, std::int64_t steps,
                      std::int64_t position) const {
    const ArgFn arg = kernels_.arg[combine_][acc_dtype_];
    auto* positions = reinterpret_cast<std::int64_t*>(task.position);
    const auto n = static_cast<std::size_t>(steps);
    if (rows_)
      arg(task.total, positions, values, count, n, n, 1, position);
    else
      arg(task.total, positions, values, count, n, 1, count, position);
  }

  const Kernels& kernels_;
  const std::uint32_t combine_;
  rdu_dtype acc_dtype_;  // of what is compared, for positions
  Nest nest_;
  Body body_, epilogue_;
  std::vector<Access> writes_;
  LoopArray result_size_{}, reduction_size_{};
  std::uint32_t result_loops_ = 0;
  std::size_t lanes_ = 1;
  std::int64_t capacity_ = 0;
  std::int64_t boxes_per_task_ = 1;
  bool rows_ = false;
  bool parallel_ = false;
};

}  // namespace

std::unique_ptr<Step> make_reduce_step(const BuildContext& context, const rdu_node& node) {
  return std::make_unique<ReduceStep>(context, node);
}

}  // namespace rdu::cpu
