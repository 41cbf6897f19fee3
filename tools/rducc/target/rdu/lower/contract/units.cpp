// Operands in scratchpads, a grid of units that share their streams, results collected in scratchpads and finished from there.
#include "tools/rducc/target/rdu/lower/contract/units.hpp"

#include <algorithm>
#include <utility>

#include "tools/rducc/target/rdu/lower/contract/planned_nest.hpp"
#include "tools/rducc/target/rdu/lower/contract/results.hpp"

namespace rducc::rdu::lower {
namespace {

using Loops = std::vector<VariableId>;

Loops joined(Loops loops, const Loops& more) {
  loops.insert(loops.end(), more.begin(), more.end());
  return loops;
}

std::uint32_t level_of(const Loops& loops) { return static_cast<std::uint32_t>(loops.size()); }

class ContractKernel {
 public:
  ContractKernel(Emitter& emitter, const artifact::Node& node, const ContractShape& shape,
                 const ContractPlan& plan)
      : emitter_(emitter), node_(node), shape_(shape), plan_(plan) {}

  void run() {
    stage_weights();
    for (std::int64_t j = 0; j < plan_.column_groups; ++j) columns_.push_back(column_streams(j));
    std::vector<std::vector<Results>> groups;
    for (std::int64_t i = 0; i < plan_.row_groups; ++i) {
      const PlannedNest planned = make_unit(i, 0);
      const Stream a = operand(planned, planned.a, planned.a_tile, planned.r, Across::kLanes);
      std::vector<Results> results;
      for (std::int64_t first = 0; first < plan_.column_groups; first += plan_.units_per_result) {
        const std::int64_t last = std::min(plan_.column_groups, first + plan_.units_per_result);
        results.push_back(collect(planned, first, last, a));
      }
      groups.push_back(std::move(results));
    }
    const PlannedContract contract{node_, shape_, plan_};
    if (plan_.gathers) return finish_results(emitter_, contract, 0, groups);
    for (std::int64_t i = 0; i < plan_.row_groups; ++i) {
      finish_results(emitter_, contract, i, {&groups[static_cast<std::size_t>(i)], 1});
    }
  }

 private:
  PlannedNest make_unit(std::int64_t i, std::int64_t j) const {
    return *make_planned(shape_, plan_, emitter_.arch(), i, j);
  }

  Loops unit_loops(const PlannedNest& planned) const {
    return joined(joined(planned.outside, planned.tiles), planned.nest.reduction);
  }

  // Where nothing is brought twice, column groups that are neighbours take theirs from the same transfer.
  void stage_weights() {
    const PlannedNest one = make_unit(0, 0);
    if (one.b_tile.level != 0 || emitter_.is_made_here(one.b)) return;
    const std::int64_t transfers = weight_transfers(plan_, one.b_tile);
    for (std::int64_t t = 0; t < transfers; ++t) {
      std::vector<Tile> tiles;
      for (std::int64_t j = t * plan_.column_groups / transfers;
           j < (t + 1) * plan_.column_groups / transfers; ++j) {
        tiles.push_back(make_unit(0, j).b_tile);
      }
      for (Staged& staged : emitter_.stage_together(one.nest, one.b, tiles)) {
        weights_.push_back(std::move(staged));
      }
    }
  }

  // Stages the operand, unless it is there, and reads it in the order of the unit's firings.
  Stream operand(const PlannedNest& planned, const Touch& touch, const Tile& tile, VariableId lane,
                 Across across, const Staged* there = nullptr) {
    const Loops unit = unit_loops(planned);
    const bool lanes = across == Across::kLanes;
    const Loops order = lanes ? joined(unit, {lane}) : unit;
    if (emitter_.is_made_here(touch)) {
      return emitter_.arrive(planned.nest, touch, order, across);
    }
    const Staged staged =
        there != nullptr ? *there : emitter_.stage(planned.nest, touch, tile, order);
    const Memory reader =
        emitter_.read(planned.nest, staged.tile.inside, staged.buffer, order, across);
    emitter_.hand_over(staged, reader);
    return reader.data();
  }

  // The columns of group j at each k: one vector for an array, a word for each accumulator otherwise.
  std::vector<Stream> column_streams(std::int64_t j) {
    const PlannedNest planned = make_unit(0, j);
    const bool systolic = plan_.form == ContractForm::kSystolic;
    const bool single = !systolic && planned.nest.extent(planned.c) == 1;
    const Staged* there = weights_.empty() ? nullptr : &weights_[static_cast<std::size_t>(j)];
    const Stream vectors = operand(planned, planned.b, planned.b_tile, planned.c,
                                   single ? Across::kNothing : Across::kLanes, there);
    if (systolic || single) return {vectors};
    Simd scatter = emitter_.section().simd(
        {emitter_.name("columns"), emitter_.node()},
        emitter_.chain(planned.nest, joined(unit_loops(planned), {planned.c}), Across::kLanes));
    const Value vector = scatter.input(vectors);
    std::vector<Stream> streams;
    for (std::int64_t c = 0; c < planned.nest.extent(planned.c); ++c) {
      streams.push_back(
          scatter.scalar(c == 0 ? vector : Simd::shifted(vector, static_cast<int>(c))));
    }
    return streams;
  }

  ResultLayout layout(std::int64_t units) const {
    const std::int64_t rows = plan_.row_tiles * plan_.tile_rows;
    const std::int64_t columns = units * plan_.group_columns();
    if (shape_.rows_across) return {rows | 1, 1, columns * (rows | 1)};
    return {1, columns | 1, rows * (columns | 1)};
  }

  // Units (i, first … last - 1) and the buffer of their results.
  Results collect(const PlannedNest& planned, std::int64_t first, std::int64_t last, Stream a) {
    Results results;
    results.first = first * plan_.group_columns();
    results.columns = (last - first) * plan_.group_columns();
    results.layout = layout(last - first);
    const bool again = !planned.outside.empty();
    const std::int64_t bytes = results.layout.words * 4;
    const bool twice = again && bytes * 2 <= static_cast<std::int64_t>(emitter_.arch().pmu.bytes);
    results.buffer =
        emitter_.section().buffer({emitter_.name("results"), emitter_.node()},
                                  static_cast<std::uint64_t>(bytes), {.copies = twice ? 2u : 1u});
    const std::uint32_t block = level_of(planned.outside);
    for (std::int64_t j = first; j < last; ++j) {
      const std::int64_t column = (j - first) * plan_.group_columns();
      for (const Memory& writer : unit(planned, j, a, results.buffer, results.layout, column)) {
        results.writers.push_back({writer, block});
      }
    }
    return results;
  }

  std::vector<Memory> unit(const PlannedNest& planned, std::int64_t j, Stream a,
                           BufferHandle buffer, const ResultLayout& layout, std::int64_t column) {
    return plan_.form == ContractForm::kSystolic
               ? systolic_unit(planned, j, a, buffer, layout, column)
               : simd_unit(planned, j, a, buffer, layout, column);
  }

  Touch result_touch(const PlannedNest& planned, const ResultLayout& layout,
                     std::int64_t column) const {
    Position place;
    place.form.offset = column * layout.column_pitch;
    const Loops& tiles = planned.tiles;
    // Loops of one step are not among the tiles.
    std::size_t next = 0;
    if (plan_.row_tiles > 1) place.form.add(tiles[next++], plan_.tile_rows * layout.row_pitch);
    if (plan_.column_tiles > 1)
      place.form.add(tiles[next], plan_.tile_columns * layout.column_pitch);
    place.form.add(planned.r, layout.row_pitch);
    place.form.add(planned.c, layout.column_pitch);
    place.extent = layout.words;
    Touch touch;
    touch.dims = {place};
    return touch;
  }

  std::vector<Memory> systolic_unit(const PlannedNest& planned, std::int64_t j, Stream a,
                                    BufferHandle buffer, const ResultLayout& layout,
                                    std::int64_t column) {
    const Loops before = joined(planned.outside, planned.tiles);
    const SystolicShape shape{static_cast<std::uint32_t>(planned.nest.extent(planned.r)),
                              static_cast<std::uint32_t>(planned.nest.extent(planned.c)),
                              shape_.pair ? RDU_HW_SYSTOLIC_BF16_PAIR : RDU_HW_SYSTOLIC_FP32,
                              level_of(before)};
    const Systolic array = emitter_.section().systolic(
        {emitter_.name("array"), emitter_.node()},
        emitter_.chain(planned.nest, unit_loops(planned), Across::kNothing), shape, a,
        columns_[static_cast<std::size_t>(j)][0]);
    Loops order = before;
    if (planned.nest.extent(planned.r) > 1) order.push_back(planned.r);
    order.push_back(planned.c);
    return {emitter_.write(planned.nest, result_touch(planned, layout, column), buffer, order,
                           Across::kLanes, array.result())};
  }

  std::vector<Memory> simd_unit(const PlannedNest& planned, std::int64_t j, Stream a,
                                BufferHandle buffer, const ResultLayout& layout,
                                std::int64_t column) {
    const Loops before = joined(planned.outside, planned.tiles);
    Simd simd = emitter_.section().simd(
        {emitter_.name("sums"), emitter_.node()},
        emitter_.chain(planned.nest, joined(unit_loops(planned), {planned.r}), Across::kLanes));
    const Value rows = simd.input(a);
    std::vector<Memory> writers;
    const Touch touch = result_touch(planned, layout, column);
    const auto& columns = columns_[static_cast<std::size_t>(j)];
    for (std::size_t c = 0; c < columns.size(); ++c) {
      const Value sum = simd.accumulate_product(RDU_HW_FOLD_ADD_F32, level_of(before), rows,
                                                simd.input(columns[c]));
      Touch to = touch;
      Form constant;
      constant.offset = static_cast<std::int64_t>(c);
      to.dims[0].form.substitute(planned.c, constant);
      writers.push_back(emitter_.write(planned.nest, to, buffer, joined(before, {planned.r}),
                                       Across::kLanes, simd.vector(sum, level_of(before))));
    }
    return writers;
  }

  Emitter& emitter_;
  const artifact::Node& node_;
  const ContractShape& shape_;
  const ContractPlan& plan_;
  std::vector<Staged> weights_;               // of each column group, where they are shared
  std::vector<std::vector<Stream>> columns_;  // of each column group
};

}  // namespace

void emit_units(Emitter& emitter, const artifact::Node& node, const ContractShape& shape,
                const ContractPlan& plan) {
  ContractKernel(emitter, node, shape, plan).run();
}

}  // namespace rducc::rdu::lower
