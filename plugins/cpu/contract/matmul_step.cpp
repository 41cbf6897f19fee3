// Contracts that are matrix products: panels, but where a run reads a matrix once for one vector.
#include "plugins/cpu/contract/panel/matmul_step.hpp"

#include <algorithm>

#include "plugins/cpu/access/integer.hpp"
#include "plugins/cpu/contract/contract_step.hpp"
#include "plugins/cpu/contract/epilogue.hpp"
#include "plugins/cpu/contract/matmul_shape.hpp"
#include "plugins/cpu/contract/share.hpp"

namespace rdu::cpu {
namespace {

constexpr std::int64_t kPieceBytes = 256 << 10;  // of a matrix: less is not worth a task
constexpr std::int64_t kColumns = 64;            // pieces along columns are multiples of it
constexpr std::int64_t kWideColumns = 512;
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
    choose_cut();
    if (node.epilogue.num_results == 0) return;
    std::uint32_t batch_loops = 0;
    for (const std::uint32_t l : match_.batch) batch_loops |= 1u << l;
    epilogue_ = BoxEpilogue(context, node, batch_loops);
  }

  plugin::Status run(const Run& run) const override {
    const std::int64_t pieces = pieces_for(run.flow == nullptr ? 1 : run.flow->threads());
    const std::int64_t units = batches_ * pieces;
    const std::int64_t tasks = std::min(units, tasks_for(batches_ * flops()) * pieces);
    for_each_task(run, tasks, [&](std::int64_t task, std::byte* workspace) {
      const std::int64_t end = share(units, task + 1, tasks);
      for (std::int64_t unit = share(units, task, tasks); unit < end; ++unit) {
        run_unit(run, unit / pieces, unit % pieces, pieces, workspace);
      }
    });
    return {};
  }

  std::uint64_t workspace_bytes() const override {
    return epilogue_.empty() ? 0 : epilogue_.workspace_bytes();
  }
  bool parallel() const override {
    return pieces_for(kMostTasks) > 1 || tasks_for(batches_ * flops()) > 1;
  }

 private:
  std::int64_t flops() const { return 2 * match_.shape.n * match_.shape.k; }  // of a batch

  // The loop of the columns, where it is one and they are many.
  void choose_cut() {
    if (match_.n.size() == 1 && extents_[match_.n.front()] >= 2 * kColumns) {
      cut_loop_ = match_.n.front();
    }
  }

  // Of the columns of a batch. Each column has a sum of its own, whose bits no cut changes: so it may depend on the
  // threads. Two pieces for each let one that is late catch up, unless they would be too narrow to be streamed well.
  std::int64_t pieces_for(std::int64_t threads) const {
    if (cut_loop_ == kMaxLoops || batches_ > 1 || threads == 1) return 1;
    const std::int64_t bytes = flops() / 2 * static_cast<std::int64_t>(sizeof(float));
    const std::int64_t most = std::min(bytes / kPieceBytes, extents_[cut_loop_] / kColumns);
    const std::int64_t wanted =
        most * kColumns >= 2 * threads * kWideColumns ? 2 * threads : threads;
    return std::clamp<std::int64_t>(wanted, 1, std::max<std::int64_t>(1, most));
  }

  void run_unit(const Run& run, std::int64_t batch, std::int64_t piece, std::int64_t pieces,
                std::byte* workspace) const {
    Box box = match_.batch_box(extents_, num_parallel_, batch);
    std::int64_t columns = match_.shape.n;
    if (pieces > 1) {
      const std::int64_t blocks = (columns + kColumns - 1) / kColumns;
      const std::int64_t first = share(blocks, piece, pieces) * kColumns;
      columns = std::min(columns, share(blocks, piece + 1, pieces) * kColumns) - first;
      box.start[cut_loop_] = first;
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
  std::int64_t batches_ = 1;
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
