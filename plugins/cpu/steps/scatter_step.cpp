// Scatter: a copy of the base, then the updates in row-major order. One task, because updates may meet.
#include <algorithm>
#include <bit>
#include <cstring>

#include "plugins/cpu/access/grid.hpp"
#include "plugins/cpu/body/evaluate.hpp"
#include "plugins/cpu/simd/scalar.hpp"
#include "plugins/cpu/steps/node_scope.hpp"
#include "plugins/cpu/steps/row_scatter.hpp"

namespace rdu::cpu {
namespace {

VectorFn combine_kernel(const Kernels& kernels, std::uint32_t combine, rdu_dtype dtype) {
  switch (combine) {
    case RDU_COMBINE_ADD:
      return kernels.op[RDU_OP_ADD][dtype];
    case RDU_COMBINE_MUL:
      return kernels.op[RDU_OP_MUL][dtype];
    case RDU_COMBINE_MIN:
      return kernels.op[RDU_OP_MIN][dtype];
    case RDU_COMBINE_MAX:
      return kernels.op[RDU_OP_MAX][dtype];
    case RDU_COMBINE_AND:
      return kernels.op[RDU_OP_AND][dtype];
    case RDU_COMBINE_OR:
      return kernels.op[RDU_OP_OR][dtype];
    default:
      return nullptr;  // REPLACE
  }
}

class ScatterStep : public Step {
 public:
  ScatterStep(const BuildContext& context, const rdu_node& node) : kernels_(context.kernels) {
    const NodeScope scope = scope_of(context, node);
    nest_ = nest_of(context, node);
    nest_.reduction = 0;
    const rdu_write& write = context.graph.writes(node)[0];
    write_ = lower_write(scope, write);
    base_ = context.places.place_of(node.base);
    bytes_ = context.graph.value(write.value).bytes;
    combine_ = combine_kernel(kernels_, node.combine, write_.dtype);
    body_ = compile_body({scope, kernels_, node, node.body}, {&write_.dtype, 1});
    LoopUsers users;
    body_.add_users(users);
    users.accesses.push_back(&write_);
    std::vector<std::uint32_t> order;
    for (std::uint32_t l = 0; l < nest_.num_loops; ++l) {
      if (moves(nest_.extents[l])) order.push_back(l);
    }
    reshape(nest_, order, users);
    capacity_ = register_capacity(body_);
    size_ = fill_from_inside(nest_, 0, capacity_);
    std::int64_t points = 1;
    for (std::uint32_t l = 0; l < nest_.num_loops; ++l) points *= size_[l];
    capacity_ = std::min(capacity_, points);
    const bool as_it_lies =
        kernels_.narrow[write_.dtype] == nullptr && plugin::dtype_bits(write_.dtype) >= 8;
    if (as_it_lies) rows_ = match_row_scatter(nest_, body_, write_);
  }

  plugin::Status run(const Run& run) const override {
    if (run.at(base_) != run.at(write_.place)) {
      std::memcpy(run.at(write_.place), run.at(base_), bytes_);
    }
    const LoopArray extents = nest_.resolve(run);
    if (rows_) {
      run_rows(run, extents[0]);
      return {};
    }
    std::byte* workspace = run.workspace;
    const MoveContext context = carve_move_context(kernels_, run, capacity_, workspace);
    const Registers registers = Registers::carve(body_, capacity_, kernels_, workspace);
    const Grid grid(nest_.num_loops, extents, size_);
    for (std::int64_t b = 0; b < grid.num_boxes(); ++b) {
      const Box box = grid.box(b);
      evaluate(context, body_, box, registers, nullptr, nullptr);
      const void* values = registers.pointers[body_.results[0]];
      if (const VectorFn narrow = kernels_.narrow[write_.dtype]; narrow != nullptr) {
        narrow(context.raw, values, nullptr, nullptr, static_cast<std::size_t>(box.points()));
        values = context.raw;
      }
      apply(context, box, static_cast<const std::byte*>(values));
    }
    return {};
  }

  std::uint64_t workspace_bytes() const override {
    return move_context_bytes(capacity_) + Registers::bytes(body_, capacity_);
  }

 private:
  void run_rows(const Run& run, std::int64_t rows) const {
    const auto bytes = static_cast<std::int64_t>(memory_bytes(write_.dtype));
    std::byte* target = run.at(rows_->target);
    const std::byte* updates = run.at(rows_->updates);
    rows_->run(run, rows, [&](std::int64_t to, std::int64_t from) {
      meet(target + to * bytes, updates + from * bytes, rows_->columns);
    });
  }

  void apply(const MoveContext& context, const Box& box, const std::byte* values) const {
    const auto bytes = static_cast<std::int64_t>(memory_bytes(write_.dtype));
    std::byte* memory = context.run.at(write_.place);
    RowWalk walk(context, write_, box);
    for (Row row; walk.next(row);) {
      const std::byte* updates = values + row.dense * bytes;
      if (row.offsets == nullptr && row.stride == 1) {
        meet(memory + (row.base + row.low) * bytes, updates + row.low * bytes, row.high - row.low);
        continue;
      }
      const auto place = [&](std::int64_t i) {
        return row.offsets != nullptr ? row.offsets[i] : row.base + row.stride * i;
      };
      for (std::int64_t i = row.low; i < row.high;) {
        const std::int64_t at = place(i), first = i++;
        while (i < row.high && at >= 0 && place(i) == at + (i - first)) ++i;
        // A run that is outside is one element long: offsets there do not ascend.
        if (row.offsets != nullptr && at < 0) continue;
        meet(memory + at * bytes, updates + first * bytes, i - first);
      }
    }
  }

  void meet(std::byte* target, const std::byte* updates, std::int64_t count) const {
    if (count <= 0) return;
    const auto n = static_cast<std::size_t>(count);
    if (combine_ == nullptr) {
      std::memcpy(target, updates, n * memory_bytes(write_.dtype));
    } else if (kernels_.widen[write_.dtype] == nullptr) {
      combine_(target, target, updates, nullptr, n);
    } else {
      for (std::size_t i = 0; i < n; ++i) meet_narrow(target + 2 * i, updates + 2 * i);
    }
  }

  // 16-bit floats meet as floats.
  void meet_narrow(std::byte* target, const std::byte* update) const {
    float left = 0, right = 0;
    kernels_.widen[write_.dtype](&left, target, nullptr, nullptr, 1);
    kernels_.widen[write_.dtype](&right, update, nullptr, nullptr, 1);
    combine_(&left, &left, &right, nullptr, 1);
    kernels_.narrow[write_.dtype](target, &left, nullptr, nullptr, 1);
  }

  const Kernels& kernels_;
  Nest nest_;
  Body body_;
  Access write_;
  Place base_;
  std::uint64_t bytes_ = 0;
  VectorFn combine_ = nullptr;
  LoopArray size_{};
  std::int64_t capacity_ = 0;
  std::optional<RowScatter> rows_;
};

}  // namespace

std::unique_ptr<Step> make_scatter_step(const BuildContext& context, const rdu_node& node) {
  return std::make_unique<ScatterStep>(context, node);
}

}  // namespace rdu::cpu
