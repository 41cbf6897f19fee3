// Softmax and normalisation of rows in one pass: a task takes some rows through all nodes of the chain while they are in
// L1; what lies between them is never in memory. Rows of 16-bit floats are widened there and narrowed from there.
#include <algorithm>

#include "plugins/cpu/access/integer.hpp"
#include "plugins/cpu/body/evaluate.hpp"
#include "plugins/cpu/steps/node_scope.hpp"
#include "plugins/cpu/steps/row_chain.hpp"

namespace rdu::cpu {
namespace {

constexpr std::int64_t kMostRows = 64;       // at once
constexpr std::int64_t kElements = 4096;     // of those rows
constexpr std::int64_t kStepsOfElement = 8;  // an exponential, a few passes

// What follows a reduction, over the statistics of some rows.
class StatisticProgram {
 public:
  StatisticProgram() = default;
  StatisticProgram(const BuildContext& context, const rdu_node& node)
      : used_(true), kernels_(&context.kernels) {
    constexpr rdu_dtype kFloat = RDU_DTYPE_F32;
    body_ = compile_epilogue({scope_of(context, node), *kernels_, node, node.epilogue, kFloat},
                             {&kFloat, 1});
  }

  std::uint64_t workspace_bytes() const {
    if (!used_) return 0;
    return move_context_bytes(kMostRows) + Registers::bytes(body_, kMostRows);
  }

  // A task's own, carved from its memory.
  struct Task {
    MoveContext context;
    Registers registers;
  };
  Task carve(const Run& run, std::byte*& memory) const {
    MoveContext context = carve_move_context(*kernels_, run, kMostRows, memory);
    return {context, Registers::carve(body_, kMostRows, *kernels_, memory)};
  }

  const float* apply(const Task& task, const float* statistics, std::int64_t rows) const {
    Box box;
    box.num_loops = 1;
    box.count[0] = rows;
    evaluate(task.context, body_, box, task.registers, statistics, nullptr);
    return static_cast<const float*>(task.registers.pointers[body_.results[0]]);
  }

 private:
  bool used_ = false;
  const Kernels* kernels_ = nullptr;
  Body body_;
};

class RowChainStep : public Step {
 public:
  RowChainStep(const BuildContext& context, const RowChain& chain)
      : kernels_(context.kernels.rows),
        widen_(context.kernels.widen[RDU_DTYPE_BF16]),
        narrow_(context.kernels.narrow[RDU_DTYPE_BF16]),
        chain_(chain),
        source_(context.places.place_of(chain.source)),
        result_(context.places.place_of(chain.result)),
        second_(context, *chain.second_statistic) {
    if (chain.first_statistic != nullptr) {
      first_ = StatisticProgram(context, *chain.first_statistic);
    }
    if (chain.weights != RDU_NONE) weights_ = context.places.place_of(chain.weights);
    if (chain.biases != RDU_NONE) biases_ = context.places.place_of(chain.biases);
    rows_at_once_ = std::clamp<std::int64_t>(kElements / chain.columns, 1, kMostRows);
    rows_at_once_ = std::min(rows_at_once_, chain.rows);
    const std::int64_t work = rows_at_once_ * chain.columns * kStepsOfElement;
    runs_per_task_ = std::max<std::int64_t>(1, kTaskWork / work);
  }

  plugin::Status run(const Run& run) const override {
    const std::int64_t rows = rows_at_once_ * runs_per_task_;
    for_each_task(run, num_tasks(), [&](std::int64_t task, std::byte* workspace) {
      run_rows(run, task * rows, std::min(chain_.rows, (task + 1) * rows), workspace);
    });
    return {};
  }

  std::uint64_t workspace_bytes() const override {
    return rows_bytes() + 2 * kMostRows * sizeof(float) + first_.workspace_bytes() +
           second_.workspace_bytes();
  }
  bool parallel() const override { return num_tasks() > 1; }

 private:
  std::int64_t num_tasks() const { return ceil_div(chain_.rows, rows_at_once_ * runs_per_task_); }

  // Of the rows as floats, where those in memory are narrow.
  std::uint64_t rows_bytes() const {
    if (!chain_.narrow_source && !chain_.narrow_result) return 0;
    return align_up(static_cast<std::uint64_t>(rows_at_once_ * chain_.columns) * sizeof(float), 64);
  }

  // The same rows where they are read and where they are made; both may be the workspace.
  struct Rows {
    const float* from;
    float* to;
    std::int64_t count;
  };

  Rows load(const Run& run, std::int64_t row, std::int64_t end, std::byte* workspace) const {
    auto* wide = reinterpret_cast<float*>(workspace);
    const std::int64_t count = std::min(rows_at_once_, end - row), first = row * chain_.columns;
    const std::byte* from = run.at(source_) + first * (chain_.narrow_source ? 2 : 4);
    Rows rows{reinterpret_cast<const float*>(from), wide, count};
    if (chain_.narrow_source) {
      widen_(wide, from, from, from, size(count * chain_.columns));
      rows.from = wide;
    }
    if (!chain_.narrow_result) rows.to = reinterpret_cast<float*>(run.at(result_)) + first;
    return rows;
  }

  void store(const Run& run, std::int64_t row, const Rows& rows) const {
    if (!chain_.narrow_result) return;
    narrow_(run.at(result_) + row * chain_.columns * 2, rows.to, rows.to, rows.to,
            size(rows.count * chain_.columns));
  }

  void run_rows(const Run& run, std::int64_t row, std::int64_t end, std::byte* workspace) const {
    std::byte* wide = workspace;
    workspace += rows_bytes();
    auto* statistics = reinterpret_cast<float*>(workspace);
    workspace += 2 * kMostRows * sizeof(float);
    const bool softmax = chain_.kind == RowChain::Kind::kSoftmax;
    const auto second = second_.carve(run, workspace);
    if (chain_.first_statistic == nullptr) {
      for (; row < end; row += rows_at_once_) {
        const Rows rows = load(run, row, end, wide);
        normalise(run, rows, nullptr, second, statistics);
        store(run, row, rows);
      }
      return;
    }
    const auto first = first_.carve(run, workspace);
    for (; row < end; row += rows_at_once_) {
      const Rows rows = load(run, row, end, wide);
      (softmax ? kernels_.max : kernels_.sum)(statistics, rows.from, size(rows.count), columns());
      const float* firsts = first_.apply(first, statistics, rows.count);
      if (softmax)
        exponentials(rows, firsts, second, statistics + kMostRows);
      else
        normalise(run, rows, firsts, second, statistics + kMostRows);
      store(run, row, rows);
    }
  }

  void exponentials(const Rows& rows, const float* top, const StatisticProgram::Task& task,
                    float* statistics) const {
    const std::size_t count = size(rows.count);
    kernels_.exp(rows.to, rows.from, top, count, columns());
    kernels_.sum(statistics, rows.to, count, columns());
    const float* factors = second_.apply(task, statistics, rows.count);
    kernels_.scale(rows.to, factors, chain_.divides, count, columns());
  }

  void normalise(const Run& run, const Rows& rows, const float* means,
                 const StatisticProgram::Task& task, float* statistics) const {
    const std::size_t count = size(rows.count);
    kernels_.squares(statistics, rows.from, means, count, columns());
    const float* scales = second_.apply(task, statistics, rows.count);
    kernels_.normalise(rows.to, rows.from,
                       {means, scales, column(run, weights_), column(run, biases_), chain_.divides},
                       count, columns());
  }

  static std::size_t size(std::int64_t n) { return static_cast<std::size_t>(n); }
  std::size_t columns() const { return size(chain_.columns); }
  static const float* column(const Run& run, Place place) {
    return place.none() ? nullptr : reinterpret_cast<const float*>(run.at(place));
  }

  const RowKernels& kernels_;
  const VectorFn widen_, narrow_;
  const RowChain chain_;
  const Place source_, result_;
  Place weights_, biases_;
  StatisticProgram first_, second_;
  std::int64_t rows_at_once_ = 1, runs_per_task_ = 1;
};

// Stands where a node of the chain was.
class NoStep : public Step {
 public:
  plugin::Status run(const Run&) const override { return {}; }
};

}  // namespace

std::unique_ptr<Step> make_row_chain_step(const BuildContext& context, const RowChain& chain) {
  return std::make_unique<RowChainStep>(context, chain);
}

std::unique_ptr<Step> make_no_step() { return std::make_unique<NoStep>(); }

}  // namespace rdu::cpu
