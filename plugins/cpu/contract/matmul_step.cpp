// Contracts that are matrix products: panels, but where a run reads a matrix once for one vector. Work is cut into
// pieces whose sizes depend on the shape alone, so that the bits do not depend on the threads.
#include "plugins/cpu/contract/panel/matmul_step.hpp"

#include <algorithm>

#include "plugins/cpu/access/integer.hpp"
#include "plugins/cpu/contract/contract_step.hpp"
#include "plugins/cpu/contract/epilogue.hpp"
#include "plugins/cpu/contract/matmul_shape.hpp"

namespace rdu::cpu {
namespace {

constexpr std::int64_t kPieceFlops = 8 << 20;     // of a task
constexpr std::int64_t kParallelFlops = 2 << 20;  // less runs inline
constexpr std::int64_t kColumns = 64;             // pieces along columns are multiples of it
// Of a constant matrix; larger ones are read from memory as they lie.
constexpr std::int64_t kCachedBytes = 4 << 20;

// A vector meets matrices in our own kernels that read the matrix as it lies.
class VectorStep : public Step {
 public:
  VectorStep(const BuildContext& context, const rdu_node& node, const Operands& operands,
             const MatmulMatch& match)
      : kernels_(context.kernels),
        match_(match),
        extents_(scope_of(context, node).extents),
        num_parallel_(node.num_parallel),
        vector_(match.swapped ? operands.second : operands.first),
        matrix_(match.swapped ? operands.first : operands.second),
        result_(operands.result) {
    for (const std::uint32_t l : match_.batch) batches_ *= extents_[l];
    choose_pieces();
    if (node.epilogue.num_results == 0) return;
    std::uint32_t batch_loops = 0;
    for (const std::uint32_t l : match_.batch) batch_loops |= 1u << l;
    epilogue_ = BoxEpilogue(context, node, batch_loops);
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
    return epilogue_.empty() ? 0 : epilogue_.workspace_bytes();
  }
  bool parallel() const override {
    return batches_ * pieces_ > units_per_task_ && batches_ * flops() > kParallelFlops;
  }

 private:
  std::int64_t flops() const { return 2 * match_.shape.n * match_.shape.k; }  // of a batch

  // Cuts the columns where they are one loop and many.
  void choose_pieces() {
    if (match_.n.size() == 1 && extents_[match_.n.front()] >= 2 * kColumns) {
      cut_loop_ = match_.n.front();
      const std::int64_t extent = extents_[cut_loop_];
      const std::int64_t wanted = std::max<std::int64_t>(1, flops() / kPieceFlops);
      const auto even = static_cast<std::uint64_t>((extent + wanted - 1) / wanted);
      piece_ = std::min(static_cast<std::int64_t>(align_up(even, kColumns)), extent);
      pieces_ = (extent + piece_ - 1) / piece_;
    }
    units_per_task_ =
        std::max<std::int64_t>(1, kParallelFlops / std::max<std::int64_t>(1, flops() / pieces_));
  }

  void run_unit(const Run& run, std::int64_t unit, std::byte* workspace) const {
    Box box = match_.batch_box(extents_, num_parallel_, unit / pieces_);
    std::int64_t columns = match_.shape.n;
    if (cut_loop_ != kMaxLoops) {
      box.start[cut_loop_] = unit % pieces_ * piece_;
      columns = std::min(piece_, extents_[cut_loop_] - box.start[cut_loop_]);
      box.count[cut_loop_] = columns;
    }
    multiply(floats_at(run, vector_, box), floats_at(run, matrix_, box),
             const_cast<float*>(floats_at(run, result_, box)), columns);
    if (!epilogue_.empty()) epilogue_.run(kernels_, run, box, workspace);
  }

  void multiply(const float* a, const float* b, float* c, std::int64_t columns) const {
    const MatmulShape& s = match_.shape;
    const auto n = static_cast<std::size_t>(columns), k = static_cast<std::size_t>(s.k);
    if (s.b_n == 1)
      kernels_.gemv.columns(c, b, s.b_k, a, s.a_k, n, k);
    else
      kernels_.gemv.rows(c, b, s.b_n, a, n, k);
  }

  const Kernels& kernels_;
  const MatmulMatch match_;
  const LoopArray extents_;
  const std::uint32_t num_parallel_;
  const Access vector_, matrix_, result_;
  BoxEpilogue epilogue_;
  std::int64_t batches_ = 1, pieces_ = 1, piece_ = 1, units_per_task_ = 1;
  std::uint32_t cut_loop_ = kMaxLoops;
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
  return std::make_unique<VectorStep>(context, node, operands, *match);
}

}  // namespace rdu::cpu
