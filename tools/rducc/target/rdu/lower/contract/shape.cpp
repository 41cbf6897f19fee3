// Tries the loops of either operand as rows.
#include "tools/rducc/target/rdu/lower/contract/shape.hpp"

#include <algorithm>

namespace rducc::rdu::lower {
namespace {

std::vector<VariableId> with_role(const Nest& nest, std::uint32_t role) {
  std::vector<VariableId> loops;
  for (const VariableId id : nest.parallel) {
    if (nest.variables[id].role == role) loops.push_back(id);
  }
  return loops;
}

bool is_counted(const Nest& nest, VariableId id) { return nest.variables[id].counted; }

class ShapeMaker {
 public:
  ShapeMaker(const Nest& nest, std::uint32_t row_role) {
    shape_.nest = nest;
    const bool swaps = row_role == RDU_LOOP_N;
    shape_.a = swaps ? 1 : 0;
    shape_.b = swaps ? 0 : 1;
    rows_ = with_role(nest, row_role);
    columns_ = with_role(nest, swaps ? RDU_LOOP_M : RDU_LOOP_N);
  }

  ContractShape run() {
    shape_.n = last_or_new(columns_);
    shape_.columns = shape_.nest.extent(shape_.n);
    pick_rows();
    for (const VariableId id : shape_.nest.parallel) {
      if (id != shape_.n && id != shape_.y && id != shape_.x) shape_.outer.push_back(id);
    }
    const auto& dims = shape_.nest.writes[0].dims;
    const VariableId inner = shape_.x.value_or(shape_.y);
    const bool along_rows = !dims.empty() && dims.back().form.coef(inner) == 1;
    const bool along_columns = !dims.empty() && dims.back().form.coef(shape_.n) == 1;
    shape_.rows_across = along_rows || !along_columns;
    return std::move(shape_);
  }

 private:
  VariableId last_or_new(const std::vector<VariableId>& loops) {
    return loops.empty() ? shape_.nest.add_loop(1, false) : loops.back();
  }

  void pick_rows() {
    const VariableId last = last_or_new(rows_);
    if (rows_.size() > 1 && pair(rows_[rows_.size() - 2], last)) {
      shape_.y = rows_[rows_.size() - 2];
      shape_.x = last;
      shape_.height = shape_.nest.extent(shape_.y);
      shape_.width = shape_.nest.extent(last);
    } else {
      shape_.y = last;
      shape_.height = shape_.nest.extent(last);
    }
  }

  // Whether the result is consecutive along both; then its dimensions are one, and what else can be is.
  bool pair(VariableId y, VariableId x) {
    if (is_counted(shape_.nest, y) || is_counted(shape_.nest, x)) return false;
    Nest aligned = shape_.nest;
    for (Touch& write : aligned.writes) {
      if (!align(shape_.nest, write, y, x)) return false;
    }
    for (std::size_t i = 2; i < aligned.reads.size(); ++i) {
      Touch read = aligned.reads[i];
      if (align(shape_.nest, read, y, x)) aligned.reads[i] = read;
    }
    shape_.nest = std::move(aligned);
    return true;
  }

  ContractShape shape_;
  std::vector<VariableId> rows_, columns_;
};

}  // namespace

ContractShape choose_shape(const Nest& nest, std::int64_t rows, std::int64_t columns,
                           bool in_order) {
  ContractShape best = ShapeMaker(nest, RDU_LOOP_M).run();
  ContractShape other = ShapeMaker(nest, RDU_LOOP_N).run();
  const auto cost = [&](const ContractShape& shape) {
    return static_cast<double>(shape.nest.points(shape.outer)) *
           static_cast<double>(ceil_div(shape.height * shape.width, rows)) *
           static_cast<double>(ceil_div(shape.columns, columns));
  };
  // Around rows of weights, loops over positions would fetch the weights again.
  const bool repeats = std::any_of(other.outer.begin(), other.outer.end(), [&](VariableId id) {
    return other.nest.variables[id].role == RDU_LOOP_M && other.nest.extent(id) > 1;
  });
  const bool blocks = in_order && best.height * best.width > rows;
  return cost(other) * (repeats || blocks ? 2 : 1) < cost(best) ? other : best;
}

}  // namespace rducc::rdu::lower
