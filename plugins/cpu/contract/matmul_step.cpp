// Contracts that are matrix products. Work is cut along one loop into pieces whose sizes depend on the shape alone, so
// that the bits do not depend on the threads; a matrix and a vector meet in our own kernels, all else in oneDNN.
#include <algorithm>

#include "plugins/cpu/access/integer.hpp"
#include "plugins/cpu/contract/contract_step.hpp"
#include "plugins/cpu/contract/epilogue.hpp"
#include "plugins/cpu/contract/matmul_shape.hpp"
#include "plugins/cpu/contract/panel_matmul_step.hpp"

namespace rdu::cpu {
namespace {

constexpr std::int64_t kPieceFlops = 8 << 20;     // of a task
constexpr std::int64_t kParallelFlops = 2 << 20;  // less runs inline
constexpr std::int64_t kColumns = 64;             // pieces along columns are multiples of it
constexpr std::int64_t kCachedBytes =
    4 << 20;  // of a matrix; larger ones are read from memory as they lie

class MatmulStep : public Step {
 public:
  static std::unique_ptr<Step> make(const BuildContext& context, const rdu_node& node,
                                    const Operands& operands, const MatmulMatch& match) {
    auto step = std::unique_ptr<MatmulStep>(new MatmulStep(context, node, operands, match));
    return step->create_calls(context, node, operands) ? std::move(step) : nullptr;
  }

  plugin::Status run(const Run& run) const override {
    const std::int64_t units = batches_ * pieces_;
    const std::int64_t tasks = (units + units_per_task_ - 1) / units_per_task_;
    for_each_task(run, tasks, [&](std::int64_t task, std::byte* workspace) {
      const std::int64_t end = std::min(units, (task + 1) * units_per_task_);
      for (std::int64_t unit = task * units_per_task_; unit < end; ++unit) {
        run_unit(run, unit, workspace);
      }
    });
    return {};
  }

  std::uint64_t workspace_bytes() const override {
    return scratchpad_bytes_ + (epilogue_.empty() ? 0 : epilogue_.workspace_bytes());
  }
  std::uint64_t resident_bytes() const override {
    return (main_ ? main_->packed_bytes() : 0) + (last_ ? last_->packed_bytes() : 0);
  }
  bool parallel() const override {
    return batches_ * pieces_ > units_per_task_ && total_flops_ > kParallelFlops;
  }

 private:
  MatmulStep(const BuildContext& context, const rdu_node& node, const Operands& operands,
             const MatmulMatch& match)
      : kernels_(context.kernels), match_(match) {
    const NodeScope scope = scope_of(context, node);
    extents_ = scope.extents;
    num_parallel_ = node.num_parallel;
    rows_ = match.swapped ? operands.second : operands.first;
    columns_ = match.swapped ? operands.first : operands.second;
    result_ = operands.result;
    for (const std::uint32_t l : match_.batch) batches_ *= extents_[l];
    unit_flops_ = 2 * match_.shape.m * match_.shape.n * match_.shape.k;
    total_flops_ = batches_ * unit_flops_;
    choose_pieces();
  }

  // Cuts the outermost loop of the rows or of the columns, whichever has more to give.
  void choose_pieces() {
    const auto outer = [&](const std::vector<std::uint32_t>& loops) {
      return loops.empty() ? std::int64_t{1} : extents_[loops.front()];
    };
    cut_columns_ = match_.n.size() == 1 && outer(match_.n) >= 2 * kColumns &&
                   (outer(match_.n) > outer(match_.m) || match_.m.empty());
    const auto& loops = cut_columns_ ? match_.n : match_.m;
    const std::int64_t extent = outer(loops);
    const std::int64_t wanted = std::max<std::int64_t>(1, unit_flops_ / kPieceFlops);
    piece_ = std::max<std::int64_t>(1, (extent + wanted - 1) / wanted);
    if (cut_columns_)
      piece_ = static_cast<std::int64_t>(align_up(static_cast<std::uint64_t>(piece_), kColumns));
    piece_ = std::min(piece_, extent);
    pieces_ = (extent + piece_ - 1) / piece_;
    cut_loop_ = loops.empty() ? kMaxLoops : loops.front();
    units_per_task_ = std::max<std::int64_t>(
        1, kParallelFlops / std::max<std::int64_t>(1, unit_flops_ / pieces_));
  }

  MatmulShape piece_shape(std::int64_t size) const {
    MatmulShape shape = match_.shape;
    if (cut_loop_ == kMaxLoops) return shape;
    const std::int64_t inside = (cut_columns_ ? shape.n : shape.m) / extents_[cut_loop_];
    (cut_columns_ ? shape.n : shape.m) = size * inside;
    return shape;
  }

  bool is_vector() const { return match_.shape.m == 1; }

  bool create_calls(const BuildContext& context, const rdu_node& node, const Operands& operands) {
    FusedEpilogue fused;
    std::uint32_t output_loops = 0;
    for (const std::uint32_t l : match_.n) output_loops |= 1u << l;
    const bool fuses =
        !is_vector() && match_.n.size() == 1 && match_epilogue(context, node, output_loops, fused);
    if (fuses) {
      match_.shape.post = fused.post;
      match_.shape.bias = fused.bias_read != RDU_NONE;
      if (match_.shape.bias) {
        bias_ = lower_read(scope_of(context, node), context.graph.reads(node)[fused.bias_read]);
        if (bias_.stride[match_.n[0]] != 1) return false;
      }
    } else if (node.epilogue.num_results != 0) {
      std::uint32_t batch_loops = 0;
      for (const std::uint32_t l : match_.batch) batch_loops |= 1u << l;
      epilogue_ = BoxEpilogue(context, node, batch_loops);
    }
    if (is_vector()) return true;
    const std::uint32_t right = match_.swapped ? operands.first_read : operands.second_read;
    const rdu_value& weights = context.graph.value(context.graph.reads(node)[right].value);
    const bool packs = weights.data != nullptr && match_.batch_free(columns_) && !cut_columns_;
    const float* data = packs ? static_cast<const float*>(weights.data) + columns_.base : nullptr;
    main_ = DnnlCall::matmul(piece_shape(piece_), data, *context.packed);
    const std::int64_t rest = cut_loop_ == kMaxLoops ? 0 : extents_[cut_loop_] % piece_;
    if (rest != 0) last_ = DnnlCall::matmul(piece_shape(rest), data, *context.packed);
    if (main_ == nullptr || (rest != 0 && last_ == nullptr)) return false;
    scratchpad_bytes_ = main_->scratchpad_bytes();
    if (last_ != nullptr)
      scratchpad_bytes_ = std::max(scratchpad_bytes_, last_->scratchpad_bytes());
    scratchpad_bytes_ = align_up(scratchpad_bytes_, 64);
    return true;
  }

  void run_unit(const Run& run, std::int64_t unit, std::byte* workspace) const {
    const std::int64_t piece = unit % pieces_;
    Box box = batch_box(unit / pieces_);
    std::int64_t size = piece_;
    if (cut_loop_ != kMaxLoops) {
      box.start[cut_loop_] = piece * piece_;
      size = std::min(piece_, extents_[cut_loop_] - piece * piece_);
      box.count[cut_loop_] = size;
    }
    const float* a = at(run, rows_, box);
    const float* b = at(run, columns_, box);
    auto* c = const_cast<float*>(at(run, result_, box));
    if (is_vector()) {
      multiply_vector(a, b, c, piece_shape(size));
    } else {
      const DnnlCall& call = size == piece_ ? *main_ : *last_;
      const float* bias = match_.shape.bias ? at(run, bias_, box) : nullptr;
      call.execute(a, b, 0, bias, c, workspace);
    }
    if (!epilogue_.empty()) epilogue_.run(kernels_, run, box, workspace + scratchpad_bytes_);
  }

  // All of the loops inside a batch.
  Box batch_box(std::int64_t batch) const {
    Box box;
    box.num_loops = num_parallel_;
    for (std::uint32_t l = 0; l < num_parallel_; ++l) box.count[l] = extents_[l];
    for (std::size_t i = match_.batch.size(); i-- > 0;) {
      const std::uint32_t l = match_.batch[i];
      box.start[l] = batch % extents_[l];
      box.count[l] = 1;
      batch /= extents_[l];
    }
    return box;
  }

  const float* at(const Run& run, const Access& access, const Box& box) const {
    std::int64_t offset = access.base;
    for (std::uint32_t l = 0; l < box.num_loops; ++l) offset += access.stride[l] * box.start[l];
    return reinterpret_cast<const float*>(run.at(access.place)) + offset;
  }

  void multiply_vector(const float* a, const float* b, float* c, const MatmulShape& s) const {
    const auto n = static_cast<std::size_t>(s.n), k = static_cast<std::size_t>(s.k);
    if (s.b_n == 1)
      kernels_.gemv.columns(c, b, s.b_k, a, s.a_k, n, k);
    else
      kernels_.gemv.rows(c, b, s.b_n, a, n, k);
  }

  const Kernels& kernels_;
  MatmulMatch match_;
  LoopArray extents_{};
  std::uint32_t num_parallel_ = 0;
  Access rows_, columns_, result_, bias_;
  BoxEpilogue epilogue_;
  std::unique_ptr<DnnlCall> main_, last_;
  std::int64_t batches_ = 1, pieces_ = 1, piece_ = 1, units_per_task_ = 1;
  std::int64_t unit_flops_ = 0, total_flops_ = 0;
  std::uint32_t cut_loop_ = kMaxLoops;
  bool cut_columns_ = false;
  std::uint64_t scratchpad_bytes_ = 0;
};

// A vector is read with a step of 1 where the matrix's rows are.
bool vector_suits(const MatmulMatch& match) {
  return match.shape.m != 1 || match.shape.b_n == 1 || match.shape.a_k == 1;
}

// A constant matrix that meets a vector in each run.
bool stays_cached(const BuildContext& context, const rdu_node& node, const Operands& operands,
                  const MatmulMatch& match) {
  const std::uint32_t right = match.swapped ? operands.first_read : operands.second_read;
  const Access& columns = match.swapped ? operands.first : operands.second;
  return context.graph.value(context.graph.reads(node)[right].value).data != nullptr &&
         match.batch_free(columns) &&
         match.shape.n * match.shape.k * static_cast<std::int64_t>(sizeof(float)) <= kCachedBytes;
}

}  // namespace

std::unique_ptr<Step> make_matmul_step(const BuildContext& context, const rdu_node& node,
                                       const Operands& operands) {
  const auto match = match_matmul(context, node, operands);
  if (!match || !vector_suits(*match)) return nullptr;
  if (match->shape.m != 1 || stays_cached(context, node, operands, *match))
    return make_panel_matmul_step(context, node, operands, *match);
  return MatmulStep::make(context, node, operands, *match);
}

}  // namespace rdu::cpu
