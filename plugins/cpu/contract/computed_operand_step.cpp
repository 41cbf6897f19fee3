// Products whose second operand is computed on the way, such as weights that lie packed and become real block by block: a
// task computes a panel of its rows into the workspace and multiplies all of the first operand with it.
#include <algorithm>
#include <cstring>

#include "plugins/cpu/access/integer.hpp"
#include "plugins/cpu/body/evaluate.hpp"
#include "plugins/cpu/contract/contract_step.hpp"
#include "plugins/cpu/contract/dnnl/call.hpp"
#include "plugins/cpu/contract/epilogue.hpp"

namespace rdu::cpu {
namespace {

constexpr std::int64_t kPanelBytes = 128 << 10;    // stays in the second-level cache
constexpr std::int64_t kMostPanelBytes = 4 << 20;  // of a single row
constexpr std::int64_t kParallelWork = 1 << 18;  // elements of the second operand; fewer run inline

// Loops by graph number, kMaxLoops where there is none.
struct ProductLoops {
  std::uint32_t m = kMaxLoops, n = kMaxLoops, k = kMaxLoops;
};

std::optional<ProductLoops> product_loops(const BuildContext& context, const rdu_node& node) {
  ProductLoops loops;
  std::uint32_t number = 0;
  for (const rdu_loop& loop : context.graph.loops(node)) {
    const std::uint32_t l = number++;
    if (loop.extent_value != RDU_NONE || loop.extent == 0) return {};
    if (loop.extent == 1) continue;
    std::uint32_t* place = l >= node.num_parallel    ? &loops.k
                           : loop.role == RDU_LOOP_M ? &loops.m
                           : loop.role == RDU_LOOP_N ? &loops.n
                                                     : nullptr;
    if (place == nullptr || *place != kMaxLoops) return {};
    *place = l;
  }
  if (loops.n == kMaxLoops || loops.k == kMaxLoops) return {};
  return loops;
}

class ComputedOperandStep : public Step {
 public:
  // Null where the first operand and the result are not plain matrices of floats.
  static std::unique_ptr<Step> make(const BuildContext& context, const rdu_node& node,
                                    const ProductLoops& loops) {
    std::unique_ptr<ComputedOperandStep> step(new ComputedOperandStep(context, node, loops));
    if (!step->read_operands(context, node)) return nullptr;
    step->compile(context, node);
    return step;
  }

  plugin::Status run(const Run& run) const override {
    const std::int64_t tasks = (shape_.n + rows_ - 1) / rows_;
    for_each_task(run, tasks, [&](std::int64_t task, std::byte* workspace) {
      const std::int64_t first = task * rows_;
      multiply(run, first, std::min(rows_, shape_.n - first), workspace);
    });
    return {};
  }

  std::uint64_t workspace_bytes() const override {
    return panel_bytes_ +
           std::max(move_context_bytes(capacity_) + Registers::bytes(body_, capacity_),
                    epilogue_.empty() ? 0 : epilogue_.workspace_bytes());
  }
  bool parallel() const override { return shape_.n > rows_ && shape_.n * shape_.k > kParallelWork; }

 private:
  ComputedOperandStep(const BuildContext& context, const rdu_node& node, const ProductLoops& loops)
      : kernels_(context.kernels),
        num_loops_(node.num_loops),
        num_parallel_(node.num_parallel),
        loops_(loops),
        extents_(scope_of(context, node).extents) {}

  std::int64_t extent(std::uint32_t loop) const { return loop == kMaxLoops ? 1 : extents_[loop]; }

  bool read_operands(const BuildContext& context, const rdu_node& node) {
    const auto p = context.graph.instrs(node.body)[context.graph.results(node.body)[0]];
    if (p.op != RDU_OP_LOAD) return false;
    const rdu_read& read = context.graph.reads(node)[p.a];
    const rdu_write& write = context.graph.writes(node)[0];
    if (context.places.blocked(read.value) || context.places.blocked(write.value)) return false;
    const NodeScope scope = scope_of(context, node);
    first_ = lower_read(scope, read);
    result_ = lower_write(scope, write);
    const bool floats = first_.dtype == RDU_DTYPE_F32 && result_.dtype == RDU_DTYPE_F32;
    if (!floats || !first_.affine() || !result_.affine()) return false;
    shape_.m = extent(loops_.m);
    shape_.n = extent(loops_.n);
    shape_.k = extent(loops_.k);
    const bool matrix = loops_.m != kMaxLoops;
    shape_.a_m = matrix ? first_.stride[loops_.m] : shape_.k;
    shape_.c_m = matrix ? result_.stride[loops_.m] : shape_.n;
    shape_.a_k = shape_.b_k = 1;
    shape_.b_n = shape_.k;
    return first_.stride[loops_.k] == 1 && result_.stride[loops_.n] == 1 &&
           shape_.a_m >= shape_.k && shape_.c_m >= shape_.n && shape_.k * 4 <= kMostPanelBytes;
  }

  // The body less its first result is the second operand.
  void compile(const BuildContext& context, const rdu_node& node) {
    const NodeScope scope = scope_of(context, node);
    rdu_program_code code = node.body;
    ++code.first_result;
    --code.num_results;
    const rdu_dtype dtype = RDU_DTYPE_F32;
    body_ = compile_body({scope, kernels_, node, code}, {&dtype, 1});
    capacity_ = register_capacity(body_);
    rows_ = std::clamp<std::int64_t>(kPanelBytes / (4 * shape_.k), 1, shape_.n);
    panel_bytes_ = align_up(static_cast<std::uint64_t>(4 * rows_ * shape_.k), 64);
    FusedEpilogue fused;
    const bool plain =
        match_epilogue(context, node, 0, fused) && !fused.post.clamp && fused.bias_read == RDU_NONE;
    if (!plain) epilogue_ = BoxEpilogue(context, node);
  }

  void multiply(const Run& run, std::int64_t first, std::int64_t rows, std::byte* workspace) const {
    auto* panel = reinterpret_cast<float*>(workspace);
    compute_panel(run, first, rows, panel, workspace + panel_bytes_);
    const float* a = reinterpret_cast<const float*>(run.at(first_.place)) + first_.base;
    float* c = reinterpret_cast<float*>(run.at(result_.place)) + result_.base + first;
    if (shape_.m == 1) {
      kernels_.gemv.rows(c, panel, shape_.k, a, static_cast<std::size_t>(rows),
                         static_cast<std::size_t>(shape_.k));
    } else {
      MatmulShape shape = shape_;
      shape.n = rows;
      multiply_any(a, panel, c, shape);
    }
    if (epilogue_.empty()) return;
    Box box;
    box.num_loops = num_parallel_;
    std::copy_n(extents_.begin(), num_parallel_, box.count.begin());
    box.start[loops_.n] = first;
    box.count[loops_.n] = rows;
    epilogue_.run(kernels_, run, box, workspace + panel_bytes_);
  }

  // Whole rows as far as they fit a register, else a row piece by piece: dense in the panel either way.
  void compute_panel(const Run& run, std::int64_t first, std::int64_t rows, float* panel,
                     std::byte* workspace) const {
    const MoveContext context = carve_move_context(kernels_, run, capacity_, workspace);
    const Registers registers = Registers::carve(body_, capacity_, kernels_, workspace);
    const std::int64_t along = std::min(shape_.k, capacity_);
    const std::int64_t across = std::max<std::int64_t>(1, capacity_ / shape_.k);
    Box box;
    box.num_loops = num_loops_;
    box.count.fill(1);
    for (std::int64_t row = 0; row < rows; row += across) {
      box.start[loops_.n] = first + row;
      box.count[loops_.n] = std::min(across, rows - row);
      for (std::int64_t k = 0; k < shape_.k; k += along) {
        box.start[loops_.k] = k;
        box.count[loops_.k] = std::min(along, shape_.k - k);
        compute(context, registers, box, panel + row * shape_.k + k);
      }
    }
  }

  void compute(const MoveContext& context, const Registers& registers, const Box& box,
               float* target) const {
    const std::uint32_t result = body_.results[0];
    const bool last = !body_.operations.empty() && body_.operations.back().reg == result;
    evaluate(context, body_, box, registers, nullptr, last ? target : nullptr);
    if (!last) {
      std::memcpy(target, registers.pointers[result],
                  static_cast<std::size_t>(box.points()) * sizeof(float));
    }
  }

  const Kernels& kernels_;
  std::uint32_t num_loops_ = 0, num_parallel_ = 0;
  ProductLoops loops_;
  LoopArray extents_{};
  Access first_, result_;
  MatmulShape shape_;
  Body body_;  // of the second operand
  BoxEpilogue epilogue_;
  std::int64_t capacity_ = 0, rows_ = 1;
  std::uint64_t panel_bytes_ = 0;
};

}  // namespace

std::unique_ptr<Step> make_computed_operand_step(const BuildContext& context,
                                                 const rdu_node& node) {
  if (node.acc_dtype != RDU_DTYPE_F32 || context.graph.writes(node).size() != 1) return nullptr;
  const auto loops = product_loops(context, node);
  if (!loops) return nullptr;
  return ComputedOperandStep::make(context, node, *loops);
}

}  // namespace rdu::cpu
