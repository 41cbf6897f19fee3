// Matrix products with extents that a run decides, such as attention over a cache in use: the leading dimensions come
// from the bounds, the work from the extents. Cut as in matmul_step.cpp, but by each run.
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

// The work of one run: every batch in pieces along one loop.
struct Cut {
  LoopArray extents{};
  MatmulShape shape;  // of one batch
  std::int64_t batches = 1;
  std::uint32_t loop = kMaxLoops;
  bool columns = false;
  std::int64_t size = 1, pieces = 1;  // along the loop
  std::int64_t units_per_task = 1;

  bool empty() const { return batches == 0 || shape.m == 0 || shape.n == 0; }
};

class BoundedMatmulStep : public Step {
 public:
  BoundedMatmulStep(const BuildContext& context, const rdu_node& node, const Operands& operands,
                    const MatmulMatch& match)
      : kernels_(context.kernels),
        nest_(nest_of(context, node)),
        match_(match),
        num_parallel_(node.num_parallel),
        rows_(match.swapped ? operands.second : operands.first),
        columns_(match.swapped ? operands.first : operands.second),
        result_(operands.result) {
    FusedEpilogue fused;
    const bool plain =
        match_epilogue(context, node, 0, fused) && !fused.post.clamp && fused.bias_read == RDU_NONE;
    std::uint32_t batch_loops = 0;
    for (const std::uint32_t l : match_.batch) batch_loops |= 1u << l;
    if (!plain) epilogue_ = BoxEpilogue(context, node, batch_loops);
    LoopArray bounds{};
    for (std::uint32_t l = 0; l < nest_.num_loops; ++l) bounds[l] = nest_.extents[l].bound;
    const Cut most = cut(bounds);
    parallel_ = most.batches * flops(most.shape) > kParallelFlops;
  }

  plugin::Status run(const Run& run) const override {
    const Cut work = cut(nest_.resolve(run));
    if (work.empty()) return {};
    const std::int64_t units = work.batches * work.pieces;
    const std::int64_t tasks = (units + work.units_per_task - 1) / work.units_per_task;
    for_each_task(run, tasks, [&](std::int64_t task, std::byte* workspace) {
      const std::int64_t end = std::min(units, (task + 1) * work.units_per_task);
      for (std::int64_t unit = task * work.units_per_task; unit < end; ++unit) {
        run_unit(run, work, unit, workspace);
      }
    });
    return {};
  }

  std::uint64_t workspace_bytes() const override {
    return epilogue_.empty() ? 0 : epilogue_.workspace_bytes();
  }
  bool parallel() const override { return parallel_; }

 private:
  static std::int64_t flops(const MatmulShape& shape) { return 2 * shape.m * shape.n * shape.k; }

  Cut cut(const LoopArray& extents) const {
    const auto product = [&](const std::vector<std::uint32_t>& loops) {
      std::int64_t total = 1;
      for (const std::uint32_t l : loops) total *= extents[l];
      return total;
    };
    Cut cut;
    cut.extents = extents;
    cut.shape = match_.shape;
    cut.shape.m = product(match_.m);
    cut.shape.n = product(match_.n);
    cut.shape.k = product(match_.k);
    cut.batches = product(match_.batch);
    choose_pieces(cut);
    return cut;
  }

  // Cuts the outermost loop of the rows or of the columns, whichever has more to give.
  void choose_pieces(Cut& cut) const {
    const auto outer = [&](const std::vector<std::uint32_t>& loops) {
      return loops.empty() ? std::int64_t{1} : cut.extents[loops.front()];
    };
    cut.columns = match_.n.size() == 1 && outer(match_.n) >= 2 * kColumns &&
                  (outer(match_.n) > outer(match_.m) || match_.m.empty());
    const auto& loops = cut.columns ? match_.n : match_.m;
    const std::int64_t extent = std::max<std::int64_t>(outer(loops), 1);
    const std::int64_t wanted = std::max<std::int64_t>(1, flops(cut.shape) / kPieceFlops);
    cut.size = (extent + wanted - 1) / wanted;
    if (cut.columns) {
      cut.size =
          static_cast<std::int64_t>(align_up(static_cast<std::uint64_t>(cut.size), kColumns));
    }
    cut.size = std::min(cut.size, extent);
    cut.pieces = (extent + cut.size - 1) / cut.size;
    if (!loops.empty()) cut.loop = loops.front();
    cut.units_per_task = std::max<std::int64_t>(
        1, kParallelFlops / std::max<std::int64_t>(1, flops(cut.shape) / cut.pieces));
  }

  void run_unit(const Run& run, const Cut& work, std::int64_t unit, std::byte* workspace) const {
    Box box = match_.batch_box(work.extents, num_parallel_, unit / work.pieces);
    MatmulShape shape = work.shape;
    if (work.loop != kMaxLoops) {
      const std::int64_t extent = work.extents[work.loop], first = unit % work.pieces * work.size;
      box.start[work.loop] = first;
      box.count[work.loop] = std::min(work.size, extent - first);
      std::int64_t& cut = work.columns ? shape.n : shape.m;
      cut = cut / extent * box.count[work.loop];
    }
    multiply(floats_at(run, rows_, box), floats_at(run, columns_, box),
             const_cast<float*>(floats_at(run, result_, box)), shape);
    if (!epilogue_.empty()) epilogue_.run(kernels_, run, box, workspace);
  }

  void multiply(const float* a, const float* b, float* c, const MatmulShape& s) const {
    const auto n = static_cast<std::size_t>(s.n), k = static_cast<std::size_t>(s.k);
    if (s.k == 0) {
      for (std::int64_t row = 0; row < s.m; ++row) std::fill_n(c + row * s.c_m, n, 0.0f);
    } else if (match_.shape.m == 1 && s.b_n == 1) {
      kernels_.gemv.columns(c, b, s.b_k, a, s.a_k, n, k);
    } else if (match_.shape.m == 1 && s.a_k == 1) {
      kernels_.gemv.rows(c, b, s.b_n, a, n, k);
    } else {
      multiply_any(a, b, c, s);
    }
  }

  const Kernels& kernels_;
  Nest nest_;
  MatmulMatch match_;
  std::uint32_t num_parallel_ = 0;
  Access rows_, columns_, result_;
  BoxEpilogue epilogue_;
  bool parallel_ = false;
};

}  // namespace

std::unique_ptr<Step> make_bounded_matmul_step(const BuildContext& context, const rdu_node& node,
                                               const Operands& operands) {
  const auto match = match_matmul(context, node, operands);
  if (!match) return nullptr;
  return std::make_unique<BoundedMatmulStep>(context, node, operands, *match);
}

}  // namespace rdu::cpu
