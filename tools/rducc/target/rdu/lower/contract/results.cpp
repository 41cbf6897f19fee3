// Brings the results of units together, runs what is behind the sum, and sends them on.
#include "tools/rducc/target/rdu/lower/contract/results.hpp"

#include <algorithm>

#include "tools/rducc/target/rdu/lower/contract/planned_nest.hpp"
#include "tools/rducc/target/rdu/lower/program_context.hpp"

namespace rducc::rdu::lower {
namespace {

using Loops = std::vector<VariableId>;

std::uint32_t level_of(const Loops& loops) { return static_cast<std::uint32_t>(loops.size()); }

// Of a result in the block of a row group.
struct Place {
  Form row, column;
  std::int64_t rows;
};

class Finish {
 public:
  Finish(Emitter& emitter, const PlannedContract& contract)
      : emitter_(emitter), node_(contract.node), shape_(contract.shape), plan_(contract.plan) {}

  // Rows of group i, or of all groups in turn: the epilogue, and the way to memory.
  void run(std::int64_t i, std::span<const std::vector<Results>> groups) {
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

 private:
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
  const ContractShape& shape_;
  const ContractPlan& plan_;
};

}  // namespace

void finish_results(Emitter& emitter, const PlannedContract& contract, std::int64_t i,
                    std::span<const std::vector<Results>> groups) {
  Finish(emitter, contract).run(i, groups);
}

}  // namespace rducc::rdu::lower
