// Puts a plan's loops around a unit's operands, and finds the tiles that they are staged in.
#include "tools/rducc/target/rdu/lower/contract/planned_nest.hpp"

#include <algorithm>

#include "tools/rducc/target/rdu/lower/pairs.hpp"

namespace rducc::rdu::lower {
namespace {

// Dimensions of a tile as one, which no lane leaves: what is substituted later need not be proved for each of them.
void make_linear(const Nest& nest, Touch& inside, std::int64_t words) {
  const bool plain = std::all_of(inside.dims.begin(), inside.dims.end(), [&](const Position& dim) {
    const Range range = nest.range(dim);
    return dim.is_plain() && range.low >= 0 && range.high < dim.extent;
  });
  if (!plain) return;
  Position all;
  for (const Position& dim : inside.dims) all.form.add(dim.form, dim.pitch);
  all.extent = words;
  inside.dims = {all};
}

void substitute(Touch& touch, VariableId id, const Form& by) {
  for (Position& position : touch.dims) position.form.substitute(id, by);
}

class Planner {
 public:
  Planner(const ContractShape& shape, const ContractPlan& plan, const rdu_hw_arch& arch,
          std::int64_t i, std::int64_t j)
      : shape_(shape), plan_(plan), arch_(arch), i_(i), j_(j) {
    out_.nest = shape.nest;
    make_pairs(shape, out_.nest);
  }

  std::optional<PlannedNest> run() {
    Nest& nest = out_.nest;
    const VariableId yb = nest.add_loop(plan_.row_blocks, false);
    const VariableId cb = nest.add_loop(plan_.column_blocks, false);
    rt_ = nest.add_loop(plan_.row_tiles, false);
    const VariableId ct = nest.add_loop(plan_.column_tiles, false);
    out_.r = nest.add_loop(std::min(plan_.tile_rows, plan_.block_rows(shape_)), false);
    out_.c = nest.add_loop(std::min(plan_.tile_columns, shape_.columns), false);
    out_.outside = loops_around(shape_, plan_, nest, yb, cb);
    keep(out_.tiles, rt_);
    keep(out_.tiles, ct);
    Form n;
    n.offset = j_ * plan_.group_columns();
    n.add(cb, plan_.column_groups * plan_.group_columns());
    n.add(ct, plan_.tile_columns);
    n.add(out_.c, 1);
    nest.substitute(shape_.n, n);
    base_.offset = i_ * plan_.group_pitch();
    base_.add(yb, plan_.block_pitch());
    if (!(plan_.flattens(shape_) ? tile_rows_flattened() : tile_rows_as_they_are())) return {};
    nest.guards.push_back({position(), plan_.block_rows(shape_)});
    return tile_columns() ? std::optional(std::move(out_)) : std::nullopt;
  }

 private:
  void keep(std::vector<VariableId>& loops, VariableId id) const {
    if (out_.nest.extent(id) > 1) loops.push_back(id);
  }

  Form position() const {
    Form position;
    position.add(rt_, plan_.tile_rows);
    position.add(out_.r, 1);
    return position;
  }

  std::vector<VariableId> order(VariableId lane) const {
    std::vector<VariableId> order = out_.outside;
    order.insert(order.end(), out_.tiles.begin(), out_.tiles.end());
    order.insert(order.end(), out_.nest.reduction.begin(), out_.nest.reduction.end());
    order.push_back(lane);
    return order;
  }

  bool tile_rows_as_they_are() {
    Nest& nest = out_.nest;
    Form y = base_;
    if (!shape_.x) y.add(position());
    nest.substitute(shape_.y, y);
    if (shape_.x) nest.substitute(*shape_.x, position());
    out_.a = nest.reads[shape_.a];
    const auto loops = order(out_.r);
    auto tile =
        choose_tile(nest, out_.a, loops, out_.r, arch_.pcu.lanes, capacity(), loops.size() - 1);
    if (!tile) return false;
    out_.a_bytes = all_fills(nest, *tile, loops).bytes();
    make_linear(nest, tile->inside, tile->words);
    out_.a_tile = std::move(*tile);
    return true;
  }

  // The tile holds rows of the image; the lanes go through them one behind another.
  bool tile_rows_flattened() {
    Nest& nest = out_.nest;
    const Range reach = nest.range(position());
    const VariableId yi = nest.add_loop(reach.high / shape_.width + 1, false);
    Form y = base_;
    y.add(yi, 1);
    nest.substitute(shape_.y, y);
    out_.a = nest.reads[shape_.a];
    std::vector<VariableId> loops = out_.outside;
    loops.push_back(yi);
    loops.push_back(*shape_.x);
    loops.insert(loops.end(), nest.reduction.begin(), nest.reduction.end());
    auto tile = choose_tile(nest, out_.a, loops, *shape_.x, arch_.pcu.lanes, capacity(),
                            out_.outside.size());
    if (!tile) return false;
    out_.a_bytes = all_fills(nest, *tile, loops).bytes();
    make_linear(nest, tile->inside, tile->words);
    const VariableId row = nest.add_derived(position(), shape_.width);
    Form by_row, by_column = position();
    by_row.add(row, 1);
    by_column.add(row, -shape_.width);
    for (Touch* touch : {&out_.a, &tile->inside}) {
      substitute(*touch, yi, by_row);
      substitute(*touch, *shape_.x, by_column);
    }
    out_.a_tile = std::move(*tile);
    return true;
  }

  bool tile_columns() {
    out_.b = out_.nest.reads[shape_.b];
    const auto loops = order(out_.c);
    auto tile = choose_tile(out_.nest, out_.b, loops, out_.c, arch_.pcu.lanes, capacity(),
                            loops.size() - 1);
    if (!tile) return false;
    out_.b_bytes = all_fills(out_.nest, *tile, loops).bytes();
    make_linear(out_.nest, tile->inside, tile->words);
    out_.b_tile = std::move(*tile);
    return true;
  }

  std::int64_t capacity() const { return static_cast<std::int64_t>(arch_.pmu.bytes); }

  const ContractShape& shape_;
  const ContractPlan& plan_;
  const rdu_hw_arch& arch_;
  std::int64_t i_, j_;
  PlannedNest out_;
  VariableId rt_ = 0;
  Form base_;  // of y
};

}  // namespace

std::vector<VariableId> loops_around(const ContractShape& shape, const ContractPlan& plan,
                                     const Nest& nest, VariableId yb, VariableId cb) {
  std::vector<VariableId> loops = shape.outer;
  loops.insert(plan.rows_first ? loops.begin() : loops.end(), yb);
  loops.push_back(cb);
  std::erase_if(loops, [&](VariableId id) { return nest.extent(id) == 1; });
  return loops;
}

std::optional<PlannedNest> make_planned(const ContractShape& shape, const ContractPlan& plan,
                                        const rdu_hw_arch& arch, std::int64_t i, std::int64_t j) {
  return Planner(shape, plan, arch, i, j).run();
}

}  // namespace rducc::rdu::lower
