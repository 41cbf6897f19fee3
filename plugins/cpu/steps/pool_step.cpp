// Pooling: a row of results at a time. The rows under its windows meet first, into one row that is padded with what lies
// outside; then the windows along that row. What follows the reduction runs on the row while it is in L1.
#include <algorithm>
#include <cstring>

#include "plugins/cpu/access/grid.hpp"
#include "plugins/cpu/access/integer.hpp"
#include "plugins/cpu/body/evaluate.hpp"
#include "plugins/cpu/simd/scalar.hpp"
#include "plugins/cpu/steps/node_scope.hpp"
#include "plugins/cpu/steps/pool_shape.hpp"

namespace rdu::cpu {
namespace {

constexpr std::int64_t kMostResults = 1024;  // of one box
constexpr std::int64_t kMostBytes = 8192;    // of a box of bytes that nothing follows

class PoolStep : public Step {
 public:
  static std::unique_ptr<Step> make(const BuildContext& context, const rdu_node& node) {
    const auto shape = match_pool(context.graph, node);
    if (!shape) return nullptr;
    auto step = std::unique_ptr<PoolStep>(new PoolStep(context, node, *shape));
    return step->lower(context, node) ? std::move(step) : nullptr;
  }

  plugin::Status run(const Run& run) const override {
    const Grid grid(nest_.num_loops, nest_.resolve(run), box_size_);
    for_each_run_of_boxes(run, grid.num_boxes(), boxes_per_task_,
                          [&](std::int64_t first, std::int64_t end, std::byte* workspace) {
                            run_boxes(run, grid, first, end, workspace);
                          });
    return {};
  }

  std::uint64_t workspace_bytes() const override {
    return move_context_bytes(capacity_) + Registers::bytes(epilogue_, capacity_) +
           align_up(capacity_ * bytes_, 64) + align_up(span(x_count_) * lanes_ * bytes_, 64);
  }
  bool parallel() const override { return parallel_; }

 private:
  PoolStep(const BuildContext& context, const rdu_node& node, const PoolShape& shape)
      : kernels_(context.kernels),
        shape_(shape),
        combine_(node.combine),
        dtype_(node.acc_dtype),
        bytes_(register_bytes(node.acc_dtype)),
        source_bytes_(shape.widens ? 1 : bytes_),
        taps_{taps(context, node, shape.y), taps(context, node, shape.x)} {}

  static std::int64_t taps(const BuildContext& context, const rdu_node& node,
                           const PoolDimension& d) {
    return d.tap_loop == kMaxLoops ? 1 : context.graph.loops(node)[d.tap_loop].extent;
  }

  const WindowKernels& windows() const { return kernels_.window[combine_][dtype_]; }

  // Positions of the source's row under `count` results.
  std::int64_t span(std::int64_t count) const {
    return (count - 1) * shape_.x.stride + (taps_.x - 1) * shape_.x.dilation + 1;
  }

  bool lower(const BuildContext& context, const rdu_node& node) {
    if (windows().down == nullptr) return false;
    if (context.places.channels_last(context.graph.reads(node)[shape_.read].value)) return false;
    const NodeScope scope = split_scope_of(context, node);
    const rdu_read& read = context.graph.reads(node)[shape_.read];
    source_ = lower_read(scope, read);
    nest_ = nest_of(context, node, scope.split);
    const bool blocked = scope.split != kMaxLoops && context.places.blocked(read.value);
    lanes_ = blocked ? kChannelBlock : 1;
    if (!source_.tables.empty() || !source_.computed.empty() || !clips_windows_only(scope)) {
      return false;
    }
    identity_ = identity_bits(combine_, dtype_);
    const std::uint64_t neutral =
        shape_.widens ? static_cast<std::uint8_t>(shape_.zero) : identity_;
    if (!source_.clips.empty() && source_.fill != neutral) return false;
    pitch_ = shape_.x.extent * lanes_;
    // From the first window's first position to the first position of the first row.
    source_.base -= shape_.y.offset * pitch_ + shape_.x.offset * lanes_;
    write_ = lower_write(scope, context.graph.writes(node)[0]);
    epilogue_ =
        compile_epilogue({scope, kernels_, node, node.epilogue, dtype_}, {&write_.dtype, 1});
    order_loops(scope);
    choose_boxes();
    return true;
  }

  std::uint32_t lowered(const NodeScope& scope, std::uint32_t loop) const {
    return scope.split != kMaxLoops && loop != kMaxLoops && loop > scope.split ? loop + 1 : loop;
  }

  bool clips_windows_only(const NodeScope& scope) const {
    std::uint32_t known = 0;
    for (const std::uint32_t loop :
         {shape_.y.result_loop, shape_.y.tap_loop, shape_.x.result_loop, shape_.x.tap_loop}) {
      if (loop != kMaxLoops) known |= 1u << lowered(scope, loop);
    }
    return (irregular_loops(source_) & ~known) == 0;
  }

  // Rows last, channels of a block after them. The loops of windows are the kernels' own.
  void order_loops(const NodeScope& scope) {
    const std::uint32_t y = lowered(scope, shape_.y.result_loop);
    const std::uint32_t x = lowered(scope, shape_.x.result_loop);
    const std::uint32_t lane = lanes_ == 1 ? kMaxLoops : scope.split + 1;
    // From planes into blocks: the channels of a block together, so that they are turned while in L1.
    const bool turns = lanes_ == 1 && scope.split != kMaxLoops;
    const std::uint32_t plane = turns ? scope.split + 1 : kMaxLoops;
    std::vector<std::uint32_t> order;
    for (std::uint32_t l = 0; l < nest_.num_loops; ++l) {
      const bool inner = l == y || l == x || l == lane || l == plane;
      if (!nest_.reduces(l) && !inner && moves(nest_.extents[l])) order.push_back(l);
    }
    const auto append = [&](std::uint32_t loop, std::uint32_t& number) {
      if (loop == kMaxLoops || !moves(nest_.extents[loop])) return;
      number = static_cast<std::uint32_t>(order.size());
      order.push_back(loop);
    };
    append(y, y_loop_);
    append(plane, plane_loop_);
    append(x, x_loop_);
    std::uint32_t lane_loop = kMaxLoops;
    append(lane, lane_loop);
    LoopUsers users;
    epilogue_.add_users(users);
    users.accesses.push_back(&write_);
    users.accesses.push_back(&source_);
    source_.clips.clear();  // the kernels see to the borders
    nest_.reduction = 0;
    reorder(nest_, order, users);
    // Windows move the source along their loops, by more than its strides tell.
    for (const std::uint32_t loop : {y_loop_, x_loop_, lane_loop}) {
      if (loop != kMaxLoops) source_.stride[loop] = 0;
    }
  }

  void choose_boxes() {
    const std::int64_t x_extent = x_loop_ == kMaxLoops ? 1 : nest_.extents[x_loop_].bound;
    x_count_ = std::min(x_extent, std::max<std::int64_t>(1, kMostResults / lanes_));
    planes_ = plane_loop_ == kMaxLoops ? 1 : nest_.extents[plane_loop_].bound;
    x_count_ = std::min(x_count_, std::max<std::int64_t>(1, kMostResults / planes_));
    box_size_.fill(1);
    std::int64_t rows = 1;
    if (y_loop_ != kMaxLoops && planes_ == 1 && x_count_ == x_extent && bytes_ == 1 &&
        epilogue_.operations.empty()) {
      rows = std::clamp<std::int64_t>(kMostBytes / (x_count_ * lanes_), 1,
                                      nest_.extents[y_loop_].bound);
      box_size_[y_loop_] = rows;
    }
    capacity_ = x_count_ * lanes_ * planes_ * rows;
    if (plane_loop_ != kMaxLoops) box_size_[plane_loop_] = planes_;
    if (x_loop_ != kMaxLoops) box_size_[x_loop_] = x_count_;
    if (lanes_ != 1) box_size_[nest_.num_loops - 1] = lanes_;
    std::int64_t boxes = 1;
    for (std::uint32_t l = 0; l < nest_.num_loops; ++l) {
      boxes *= ceil_div(nest_.extents[l].bound, box_size_[l]);
    }
    const auto steps =
        static_cast<std::int64_t>(epilogue_.feeds.size() + 2 * epilogue_.operations.size());
    const std::int64_t work =
        rows * planes_ * lanes_ * span(x_count_) * taps_.y + capacity_ * (taps_.x + steps);
    boxes_per_task_ = std::max<std::int64_t>(1, kTaskWork / work);
    parallel_ = boxes > boxes_per_task_;
  }

  void run_boxes(const Run& run, const Grid& grid, std::int64_t first, std::int64_t end,
                 std::byte* workspace) const {
    const MoveContext context = carve_move_context(kernels_, run, capacity_, workspace);
    const Registers registers = Registers::carve(epilogue_, capacity_, kernels_, workspace);
    std::byte* total = workspace;
    std::byte* row = workspace + align_up(capacity_ * bytes_, 64);
    const bool passes = epilogue_.operations.empty();
    for (std::int64_t b = first; b < end; ++b) {
      const Box box = grid.box(b);
      std::byte* dense = dense_memory(context, write_, box);
      std::byte* result = passes && dense != nullptr ? dense : total;
      reduce_rows(run, box, row, result);
      evaluate(context, epilogue_, box, registers, result, passes ? nullptr : dense);
      store_box(context, write_, box, registers.pointers[epilogue_.results[0]]);
    }
  }

  // A row of results at a time: of several planes, or several of one plane.
  void reduce_rows(const Run& run, Box box, std::byte* row, std::byte* result) const {
    const std::uint32_t outer = plane_loop_ != kMaxLoops ? plane_loop_ : y_loop_;
    const std::int64_t rows = outer == kMaxLoops ? 1 : box.count[outer];
    const std::int64_t bytes = box.points() / rows * bytes_;
    if (outer != kMaxLoops) box.count[outer] = 1;
    for (std::int64_t r = 0; r < rows; ++r, result += bytes) {
      reduce(run, box, row, result);
      if (outer != kMaxLoops) ++box.start[outer];
    }
  }

  void reduce(const Run& run, const Box& box, std::byte* row, std::byte* result) const {
    const std::int64_t y = (y_loop_ == kMaxLoops ? 0 : box.start[y_loop_]) * shape_.y.stride;
    const std::int64_t x = (x_loop_ == kMaxLoops ? 0 : box.start[x_loop_]) * shape_.x.stride;
    const std::int64_t count = x_loop_ == kMaxLoops ? 1 : box.count[x_loop_];
    std::int64_t source = source_.base;
    for (std::uint32_t l = 0; l < box.num_loops; ++l) source += source_.stride[l] * box.start[l];
    meet_rows(run.at(source_.place) + source * source_bytes_, y + shape_.y.offset,
              x + shape_.x.offset, span(count), row);
    const auto of = [](std::int64_t n) { return static_cast<std::size_t>(n); };
    windows().along(
        result, row,
        {of(lanes_), of(count), of(taps_.x), of(shape_.x.stride), of(shape_.x.dilation)});
  }

  // row[i] = the taps of column x + i, from row y on.
  void meet_rows(const std::byte* plane, std::int64_t y, std::int64_t x, std::int64_t count,
                 std::byte* row) const {
    const PoolDimension& d = shape_.y;
    const std::int64_t first = std::max<std::int64_t>(0, ceil_div(-y, d.dilation));
    const std::int64_t end = std::min(taps_.y, ceil_div(d.extent - y, d.dilation));
    const std::int64_t left = std::clamp<std::int64_t>(-x, 0, count);
    const std::int64_t right = first < end ? std::clamp(shape_.x.extent - x, left, count) : left;
    const auto fill = [&](std::int64_t from, std::int64_t to) {
      kernels_.move[__builtin_ctzll(bytes_)].fill(row + from * lanes_ * bytes_, &identity_,
                                                  static_cast<std::size_t>((to - from) * lanes_));
    };
    if (left > 0) fill(0, left);
    if (right < count) fill(right, count);
    if (left >= right) return;
    const std::byte* source =
        plane + ((y + first * d.dilation) * pitch_ + (x + left) * lanes_) * source_bytes_;
    std::byte* to = row + left * lanes_ * bytes_;
    const auto rows = static_cast<std::size_t>(end - first),
               length = static_cast<std::size_t>((right - left) * lanes_);
    if (shape_.widens) {
      kernels_.sum_bytes[source_.dtype == RDU_DTYPE_I8](reinterpret_cast<std::int32_t*>(to), source,
                                                        d.dilation * pitch_, rows, length,
                                                        shape_.zero);
    } else {
      windows().down(to, source, d.dilation * pitch_, rows, length);
    }
  }

  struct Taps {
    std::int64_t y = 1, x = 1;
  };

  const Kernels& kernels_;
  const PoolShape shape_;
  const std::uint32_t combine_;
  const rdu_dtype dtype_;
  const std::int64_t bytes_, source_bytes_;  // of an accumulator, of an element
  const Taps taps_;
  Nest nest_;
  Access source_, write_;
  Body epilogue_;
  std::uint64_t identity_ = 0;
  std::int64_t lanes_ = 1, pitch_ = 0, x_count_ = 1, capacity_ = 1;
  std::int64_t planes_ = 1;
  std::uint32_t y_loop_ = kMaxLoops, x_loop_ = kMaxLoops, plane_loop_ = kMaxLoops;
  LoopArray box_size_{};
  std::int64_t boxes_per_task_ = 1;
  bool parallel_ = false;
};

}  // namespace

std::unique_ptr<Step> make_pool_step(const BuildContext& context, const rdu_node& node) {
  return PoolStep::make(context, node);
}

}  // namespace rdu::cpu
