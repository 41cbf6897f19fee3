// Contract: operands in scratchpads, a grid of units that share their streams, results collected in scratchpads and finished from there.
#include <algorithm>

#include "tools/rducc/target/rdu/lower/contract_plan.hpp"
#include "tools/rducc/target/rdu/lower/decline.hpp"
#include "tools/rducc/target/rdu/lower/kernels.hpp"
#include "tools/rducc/target/rdu/lower/pairs.hpp"
#include "tools/rducc/target/rdu/lower/program_context.hpp"
#include "tools/rducc/target/rdu/lower/special.hpp"
#include "tools/rducc/target/rdu/lower/words.hpp"

namespace rducc::rdu::lower {
namespace {

using Loops = std::vector<VariableId>;

Loops joined(Loops loops, const Loops& more) {
  loops.insert(loops.end(), more.begin(), more.end());
  return loops;
}

std::uint32_t level_of(const Loops& loops) { return static_cast<std::uint32_t>(loops.size()); }

// Where a result is in its buffer: column · columns_pitch + row · rows_pitch.
struct ResultLayout {
  std::int64_t column_pitch, row_pitch, words;
};

// What some units of a row group have made of a block.
struct Results {
  BufferHandle buffer = {};
  ResultLayout layout = {};
  std::int64_t first = 0, columns = 0;  // of the block's
  std::vector<Turn> writers;
};

// Of a result in the block of a row group.
struct Place {
  Form row, column;
  std::int64_t rows;
};

class ContractKernel {
 public:
  ContractKernel(Emitter& emitter, const artifact::Node& node, ContractShape shape,
                 const ContractPlan& plan)
      : emitter_(emitter), node_(node), shape_(std::move(shape)), plan_(plan) {}

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
    if (plan_.gathers) return finish(0, groups);
    for (std::int64_t i = 0; i < plan_.row_groups; ++i) {
      finish(i, {&groups[static_cast<std::size_t>(i)], 1});
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
    const bool once = emitter_.is_spatial() && one.b_tile.level == 0;
    if (!once || emitter_.is_made_here(one.b)) return;
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

  // Rows of group i, or of all groups in turn: the epilogue, and the way to memory.
  void finish(std::int64_t i, std::span<const std::vector<Results>> groups) {
    Nest nest = shape_.nest;
    const VariableId yb = nest.add_loop(plan_.row_blocks, false);
    const VariableId cb = nest.add_loop(plan_.column_blocks, false);
    Loops order = loops_around(shape_, plan_, nest, yb, cb);
    const std::uint32_t block = level_of(order);
    const VariableId turn = nest.add_loop(static_cast<std::int64_t>(groups.size()), false);
    Form row, column;  // of the block's first result
    row.offset = i * plan_.group_pitch();
    row.add(yb, plan_.block_pitch());
    row.add(turn, plan_.group_pitch());
    column.add(cb, plan_.column_groups * plan_.group_columns());
    const std::int64_t height = plan_.row_blocks > 1 || groups.size() > 1
                                    ? plan_.block_height
                                    : std::min(plan_.block_height, shape_.height - row.offset);
    std::int64_t width = plan_.column_groups * plan_.group_columns();
    if (plan_.column_blocks == 1) width = std::min(width, shape_.columns);
    const VariableId p = nest.add_loop(height * shape_.width, false);
    const VariableId nn = nest.add_loop(width, false);

    Form flat_row;
    flat_row.add(row, shape_.width);
    flat_row.add(p, 1);
    column.add(nn, 1);
    const auto guard = [&](const Form& form, std::int64_t high) {
      if (nest.range(form).high >= high) nest.guards.push_back({form, high});
    };
    guard(flat_row, shape_.height * shape_.width);
    guard(column, shape_.columns);
    nest.substitute(shape_.n, column);
    place_rows(nest, row, p);

    order.push_back(shape_.rows_across ? nn : p);
    order.push_back(shape_.rows_across ? p : nn);
    Place place;
    place.row.add(p, 1);
    place.column.add(nn, 1);
    place.rows = nest.extent(p);
    if (groups.size() > 1) order = in_pieces(nest, order, place);
    std::vector<std::vector<Stream>> streams;
    for (const std::vector<Results>& group : groups) {
      streams.emplace_back();
      for (const Results& part : group) {
        streams.back().push_back(read_results(nest, part, order, place, block));
      }
    }
    if (groups.size() > 1) order.insert(order.end() - 1, turn);
    finish_streams(nest, order, streams);
  }

  // The innermost loop as vectors, so that groups can take turns with them.
  Loops in_pieces(Nest& nest, Loops order, Place& place) const {
    const VariableId last = order.back();
    const std::int64_t extent = nest.extent(last), lanes = emitter_.lanes();
    if (extent <= lanes) return order;
    const Split pieces = split(nest, last, lanes);
    order.back() = pieces.outer;
    order.push_back(pieces.inner);
    Form by;
    by.add(pieces.outer, lanes);
    by.add(pieces.inner, 1);
    place.row.substitute(last, by);
    place.column.substitute(last, by);
    if (extent % lanes != 0) nest.guards.push_back({by, extent});
    return order;
  }

  // All columns of a block; zeros where they are in another buffer.
  Stream read_results(const Nest& nest, const Results& results, const Loops& order,
                      const Place& place, std::uint32_t block) {
    Position column, row;
    column.form = place.column;
    column.form.offset = -results.first;
    column.extent = results.columns;
    column.pitch = results.layout.column_pitch;
    row.form = place.row;
    row.extent = place.rows;
    row.pitch = results.layout.row_pitch;
    Touch inside;
    inside.dims = {column, row};
    const Memory reader = emitter_.read(nest, inside, results.buffer, order, Across::kLanes);
    const Turn turn{reader, block};
    emitter_.section().metapipe(results.buffer, results.writers, {&turn, 1});
    return reader.data();
  }

  void place_rows(Nest& nest, const Form& row, VariableId p) const {
    Form y = row, x;
    x.add(p, 1);
    if (!shape_.x) {
      y.add(x);
    } else if (plan_.block_height > 1) {
      const VariableId quotient = nest.add_derived(x, shape_.width);
      y.add(quotient, 1);
      x.add(quotient, -shape_.width);
    }
    nest.substitute(shape_.y, y);
    if (shape_.x) nest.substitute(*shape_.x, x);
  }

  // `streams`: of each group. Groups take turns in the last loop but one.
  void finish_streams(const Nest& nest, const Loops& order,
                      const std::vector<std::vector<Stream>>& streams) {
    const artifact::Program& program = node_.epilogue;
    const bool as_it_is =
        std::all_of(program.results.begin(), program.results.end(),
                    [&](std::uint32_t result) { return stores_accumulator(program, result); });
    if (as_it_is && streams.size() == 1 && streams[0].size() == 1) {
      for (const Touch& write : nest.writes) {
        emitter_.store(nest, write, order, Across::kLanes, streams[0][0]);
      }
      return;
    }
    ProgramContext epilogue(emitter_, "epilogue", nest, order, Across::kLanes);
    const std::uint32_t turn = streams.size() > 1 ? level_of(order) - 2 : kEvery;
    Value sum = one_of(epilogue.simd(), streams[0], turn);
    for (std::size_t g = 1; g < streams.size(); ++g) {
      Simd& simd = epilogue.simd();
      const Value is_next = simd.compute(RDU_HW_OP_EQ_I32, Simd::counter(turn),
                                         Simd::integer(static_cast<std::int32_t>(g)));
      sum = simd.compute(RDU_HW_OP_SELECT_WORD, is_next, one_of(simd, streams[g], turn), sum);
    }
    epilogue.accumulated(sum, node_.acc_dtype);
    const std::vector<Value> results = epilogue.run_to_store(program);
    for (std::size_t i = 0; i < results.size(); ++i) epilogue.store(nest.writes[i], results[i]);
  }

  // Of streams of which all but one send zeros.
  Value one_of(Simd& simd, const std::vector<Stream>& streams, std::uint32_t level) const {
    Value sum = simd.input(streams[0], level);
    for (std::size_t i = 1; i < streams.size(); ++i) {
      sum = simd.compute(RDU_HW_OP_OR_WORD, sum, simd.input(streams[i], level));
    }
    return sum;
  }

  Emitter& emitter_;
  const artifact::Node& node_;
  ContractShape shape_;
  ContractPlan plan_;
  std::vector<Staged> weights_;               // of each column group, where they are shared
  std::vector<std::vector<Stream>> columns_;  // of each column group
};

bool rounds(const artifact::Instr& instr) {
  return instr.op == RDU_OP_CAST && instr.dtype == RDU_DTYPE_BF16;
}

// Products of the two operands as they are read, or in bf16.
bool is_plain_product(const artifact::Node& node) {
  const auto& body = node.body;
  const auto loads = [&](std::size_t result, std::uint32_t read) {
    const artifact::Instr& last = body.code[body.results[result]];
    const artifact::Instr& instr = rounds(last) ? body.code[last.a] : last;
    return instr.op == RDU_OP_LOAD && instr.a == read && is_float_word(instr.dtype);
  };
  return node.acc_dtype == RDU_DTYPE_F32 && loads(0, 0) && loads(1, 1);
}

bool is_indirect(const Nest& nest) { return nest.reads.size() != nest.num_reads; }

// Of the chip, about.
std::int64_t operations(const artifact::Program& program, const rdu_hw_arch& arch) {
  constexpr std::int64_t kErf = 18;
  std::int64_t count = 0;
  for (const artifact::Instr& instr : program.code) {
    const bool expands = instr.op == RDU_OP_ERF && !can_compute(arch, RDU_HW_OP_ERF_F32);
    if (instr.op > RDU_OP_ACC) count += expands ? kErf : 1;
  }
  return count;
}

// A contraction as a reduction of products.
artifact::Node as_reduction(artifact::Node node) {
  artifact::Program& body = node.body;
  const auto product = static_cast<std::uint32_t>(body.code.size());
  body.code.push_back({RDU_OP_MUL, node.acc_dtype, body.results[0], body.results[1], 0, {}});
  body.results = {product};
  return node;
}

}  // namespace

void emit_contract(Emitter& emitter, const artifact::Node& node, Nest nest) {
  if (is_plain_product(node) && !is_indirect(nest)) {
    for (std::size_t i = 0; i < 2; ++i) {
      if (rounds(node.body.code[node.body.results[i]])) nest.reads[i].cell = Cell::kHalf;
    }
    simplify(nest);
    ContractShape shape = choose_shape(nest, tile_rows_of(emitter.arch()),
                                       tile_columns_of(emitter.arch()), emitter.is_spatial());
    shape.pair = choose_pair(shape, emitter);
    shape.epilogue_operations = operations(node.epilogue, emitter.arch());
    const ContractSetting setting{
        emitter.budget(),
        emitter.is_spatial(),
        {emitter.is_made_here(nest.reads[0]), emitter.is_made_here(nest.reads[1])},
        {emitter.may_stay(nest.reads[0]), emitter.may_stay(nest.reads[1])},
        emitter.is_made_here(nest.writes[0]),
        emitter.is_spatial() && (emitter.comes_in_order(nest.reads[shape.a]) ||
                                 emitter.leaves_in_order(nest.writes[0]))};
    if (const auto plan = plan_contract(shape, emitter.arch(), setting)) {
      emitter.expect(plan->working);
      return ContractKernel(emitter, node, std::move(shape), *plan).run();
    }
    decline(RDU_REASON_CAPACITY, "no block of the contraction fits a scratchpad");
  }
  const artifact::Node reduction = as_reduction(node);
  emit_reduce(emitter, reduction, std::move(nest));
}

}  // namespace rducc::rdu::lower
