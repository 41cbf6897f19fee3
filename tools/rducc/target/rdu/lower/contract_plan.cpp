// Lays a contraction over the chip: tries grids and block sizes, keeps what an estimate says is fastest.
#include "tools/rducc/target/rdu/lower/contract_plan.hpp"

#include <algorithm>
#include <cmath>

#include "tools/rducc/target/rdu/lower/pairs.hpp"

namespace rducc::rdu::lower {
namespace {

constexpr std::int64_t kOperationsPerPcu = 3;  // of an epilogue, with what passes operands on
constexpr double kTransfersPerAgcu = 1.7;
constexpr std::uint32_t kSmallMesh = 32;  // units, with wires enough for all of them
// Of the units of a larger mesh: beyond that wires are what there is too little of.
constexpr double kUnitsWithWays = 0.8;
constexpr std::int64_t kMostSimdColumns = 3;  // accumulators of a unit: it has as many outputs

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

class PlanSearch {
 public:
  PlanSearch(const ContractShape& shape, const rdu_hw_arch& arch, const ContractSetting& setting)
      : shape_(shape), arch_(arch), setting_(setting) {
    plan_.form = contract_form(arch);
    plan_.tile_rows = tile_rows_of(arch);
    plan_.in_turn = setting.in_order;
    plan_.rows_first =
        setting.spatial &&
        std::any_of(shape.nest.reduction.begin(), shape.nest.reduction.end(), [&](VariableId id) {
          return shape.nest.variables[id].role == RDU_LOOP_WINDOW;
        });
  }

  std::optional<ContractPlan> run() {
    static constexpr std::int64_t kGroups[] = {1, 2, 3, 4, 6, 8, 12, 16, 24, 32, 48, 64};
    // Fewer columns only where the doors and counters of a scratchpad do not allow more.
    const std::int64_t most = std::min(tile_columns_of(arch_), shape_.columns);
    for (plan_.tile_columns = most; plan_.tile_columns > 0 && !best_; --plan_.tile_columns) {
      column_tiles_ = ceil_div(shape_.columns, plan_.tile_columns);
      for (const std::int64_t rows : kGroups) {
        for (const std::int64_t columns : kGroups) try_grid(rows, columns);
      }
    }
    return best_;
  }

 private:
  void try_grid(std::int64_t row_groups, std::int64_t column_groups) {
    const std::int64_t row_tiles = ceil_div(shape_.height * shape_.width, plan_.tile_rows);
    if (row_groups > std::min(row_tiles, shape_.height) || column_groups > column_tiles_) return;
    plan_.row_groups = row_groups;
    plan_.column_groups = column_groups;
    plan_.gathers = setting_.stays && row_groups > 1;
    for (plan_.column_blocks = 1; plan_.column_blocks <= column_tiles_; plan_.column_blocks *= 2) {
      plan_.column_tiles = ceil_div(column_tiles_, column_groups * plan_.column_blocks);
      // A block of columns that nobody has would be work for nothing.
      const std::int64_t blocks_before = column_groups * (plan_.column_blocks - 1);
      if (plan_.column_tiles * std::max(blocks_before, column_groups - 1) >= column_tiles_)
        continue;
      if (find_row_blocks() && !fetches_again_) return;
    }
  }

  bool find_row_blocks() {
    bool found = false;
    for (std::int64_t blocks = 1; blocks < 2 * shape_.height; blocks *= 2) {
      plan_.block_height = ceil_div(shape_.height, plan_.row_groups * blocks);
      plan_.row_blocks = ceil_div(shape_.height, plan_.row_groups * plan_.block_height);
      // Neither a group nor a block of all groups without rows.
      const std::int64_t first_of_last =
          std::max((plan_.row_groups - 1) * plan_.group_pitch(),
                   plan_.in_turn ? (plan_.row_blocks - 1) * plan_.block_pitch() : 0);
      if (first_of_last < shape_.height) {
        plan_.row_tiles = ceil_div(plan_.block_rows(shape_), plan_.tile_rows);
        if (try_blocks()) {
          if (!setting_.spatial) return true;
          found = true;
        }
      }
      if (plan_.block_height == 1) break;
    }
    return found;
  }

  bool try_blocks() {
    if (!share_results()) return false;
    const auto planned = make_planned(shape_, plan_, arch_, 0, 0);
    if (!planned || !has_units(*planned)) return false;
    judge(*planned);
    const std::int64_t once = plan_.column_groups * plan_.column_blocks * planned->b_tile.bytes();
    fetches_again_ =
        planned->b_tile.traffic_bytes(arch_.pcu.lanes) * plan_.column_groups > 2 * once;
    return true;
  }

  std::int64_t result_bytes() const {
    const std::int64_t rows = plan_.row_tiles * plan_.tile_rows + 1;
    return plan_.units_per_result * (plan_.group_columns() + 1) * rows * 4;
  }

  // As many units to a buffer as its scratchpad has counters, doors and bytes for. False where not even one fits.
  bool share_results() {
    const std::int64_t streams = plan_.form == ContractForm::kSystolic ? 1 : plan_.tile_columns;
    std::int64_t around = 0;
    for (const VariableId id : shape_.outer) around += shape_.nest.extent(id) > 1 ? 1 : 0;
    around += (plan_.row_blocks > 1 ? 1 : 0) + (plan_.column_blocks > 1 ? 1 : 0);
    const std::int64_t tiles = (plan_.row_tiles > 1 ? 1 : 0) + (plan_.column_tiles > 1 ? 1 : 0);
    const std::int64_t each = around + tiles + (plan_.form == ContractForm::kSystolic ? 2 : 1);
    const std::int64_t left = static_cast<std::int64_t>(arch_.pmu.counters) - around - 2;
    plan_.units_per_result =
        std::min({plan_.column_groups, left / (each * streams),
                  static_cast<std::int64_t>(arch_.pmu.ports.vector_in) / streams});
    while (plan_.units_per_result > 1 && result_bytes() > capacity()) --plan_.units_per_result;
    return plan_.units_per_result > 0 && result_bytes() <= capacity();
  }

  std::int64_t capacity() const { return static_cast<std::int64_t>(arch_.pmu.bytes); }

  std::int64_t buffers_per_row() const {
    return ceil_div(plan_.column_groups, plan_.units_per_result);
  }

  bool has_units(const PlannedNest& planned) const {
    const std::int64_t grid = plan_.row_groups * plan_.column_groups;
    const bool scatters = plan_.form == ContractForm::kSimd && plan_.tile_columns > 1;
    const auto reads = static_cast<std::int64_t>(shape_.nest.reads.size());
    const std::int64_t pcus =
        grid + (scatters ? plan_.column_groups : 0) + streams_out() * finishing_units(reads);
    const std::int64_t pmus =
        plan_.row_groups * (row_buffers(planned) + buffers_per_row()) + plan_.column_groups;
    const std::int64_t weights = setting_.made_here[shape_.b] ? 0
                                 : shares_weights(planned) ? weight_transfers(plan_, planned.b_tile)
                                                           : plan_.column_groups;
    const std::int64_t rows = setting_.made_here[shape_.a] ? 0 : 1;
    const std::int64_t smallest_grid = rows + reads - 1 + 1;
    const std::int64_t wanted = plan_.row_groups * rows + streams_out() * (reads - 1) + weights;
    // Among other nodes, what even the smallest grid needs is not counted.
    const std::int64_t transfers = setting_.spatial ? wanted - smallest_grid : wanted;
    const bool smallest = plan_.row_groups == 1 && plan_.column_groups == 1;
    const double ways = rdu_hw_arch_num_units(&arch_) <= kSmallMesh ? 1 : kUnitsWithWays;
    const auto allows = [&](std::int64_t needed, double units) {
      return static_cast<double>(needed) <= units * setting_.budget;
    };
    return smallest || (allows(pcus, rdu_hw_arch_num_pcus(&arch_) * ways) &&
                        allows(pmus, rdu_hw_arch_num_pmus(&arch_) * ways) &&
                        allows(transfers, arch_.agcu.count * kTransfersPerAgcu));
  }

  std::int64_t streams_out() const { return plan_.gathers ? 1 : plan_.row_groups; }

  // Scratchpads in which a row group has its operand.
  std::int64_t row_buffers(const PlannedNest& planned) const {
    if (!setting_.made_here[shape_.a] || planned.a.dims.empty()) return 1;
    const Position& outermost = planned.a.dims[0];
    const std::int64_t whole = outermost.extent * outermost.pitch * 4;
    if (whole <= capacity()) return 1;
    const auto band = band_of(planned.nest, planned.a);
    return band && band->size() * 4 <= capacity() ? 1 : ceil_div(whole, capacity());
  }

  // That bring results together and run the epilogue: by operations, and by the doors that operands come through.
  std::int64_t finishing_units(std::int64_t reads) const {
    const std::int64_t groups = plan_.gathers ? plan_.row_groups : 1;
    const std::int64_t operands = groups * buffers_per_row() + reads - 2;
    const std::int64_t operations =
        shape_.epilogue_operations + groups * buffers_per_row() - 1 + 2 * (groups - 1);
    const std::int64_t doors = std::max<std::int64_t>(1, arch_.pcu.ports.vector_in - 1);
    return std::max(ceil_div(operations, kOperationsPerPcu), ceil_div(operands - 1, doors));
  }

  bool shares_weights(const PlannedNest& planned) const {
    return setting_.spatial && planned.b_tile.level == 0;
  }

  void judge(const PlannedNest& planned) {
    const Nest& nest = planned.nest;
    const double blocks = static_cast<double>(nest.points(planned.outside)) *
                          static_cast<double>(nest.points(planned.tiles));
    const double k = static_cast<double>(nest.points(nest.reduction));
    const bool drains = plan_.form == ContractForm::kSystolic;
    const double computing =
        blocks * std::max(k, drains ? static_cast<double>(plan_.tile_rows) : 1.0);
    const double rate = static_cast<double>(rdu_hw_dram_peak_bytes_per_s(&arch_.dram)) /
                        static_cast<double>(arch_.clock_hz) * 0.8;
    const auto traffic = [&](const Tile& tile, std::int64_t groups) {
      return static_cast<double>(tile.traffic_bytes(arch_.pcu.lanes) * groups);
    };
    const auto comes = [&](std::uint32_t operand, std::int64_t bytes) {
      return !setting_.made_here[operand] && !(setting_.may_stay[operand] && bytes <= capacity());
    };
    const double in =
        (comes(shape_.a, planned.a_bytes) ? traffic(planned.a_tile, plan_.row_groups) : 0) +
        (comes(shape_.b, planned.b_bytes) ? traffic(planned.b_tile, plan_.column_groups) : 0);
    const double results = static_cast<double>(nest.points(shape_.outer)) *
                           static_cast<double>(shape_.height * shape_.width * shape_.columns);
    const double reads = static_cast<double>(nest.reads.size()) - 1;
    const double out = results * 4 * std::max(1.0, reads - 1);
    const double leaving = results / static_cast<double>(arch_.pcu.lanes * streams_out());
    const bool serial = planned.a_tile.fills == 1 && planned.b_tile.fills == 1;
    const double working = std::max(computing, leaving);
    const double moving = (in + out) / rate;
    const double units = static_cast<double>(plan_.row_groups * plan_.column_groups);
    plan_.cycles = serial ? in / rate + std::max(working, out / rate) : std::max(working, moving);
    if (setting_.spatial) plan_.cycles = pipelined(working, in / rate);
    plan_.working = working;
    const double cost =
        plan_.cycles * (1 + units / 2000) + (setting_.spatial ? again(planned) / rate : 0);
    if (best_ && cost >= best_cost_) return;
    best_ = plan_;
    best_cost_ = cost;
  }

  // Bytes of operands that come in more than once, which others of the section pay for as well.
  double again(const PlannedNest& planned) const {
    constexpr double kPrice = 4;
    const auto more = [&](std::uint32_t read, const Touch& touch, const Tile& tile,
                          std::int64_t groups) {
      if (setting_.made_here[read] || touch.dims.empty()) return 0.0;
      const std::int64_t once = touch.dims[0].extent * touch.dims[0].pitch * 4;
      return static_cast<double>(
          std::max<std::int64_t>(0, tile.traffic_bytes(arch_.pcu.lanes) * groups - once));
    };
    return kPrice * (more(shape_.a, planned.a, planned.a_tile, plan_.row_groups) +
                     more(shape_.b, planned.b, planned.b_tile, plan_.column_groups));
  }

  // Of a stage among others: its time, and what passes before the next stage has its first block.
  double pipelined(double working, double loading) const {
    constexpr double kOthers = 3;  // who share the memory
    return std::max(working, loading) + working / static_cast<double>(plan_.row_blocks) +
           kOthers * loading;
  }

  const ContractShape& shape_;
  const rdu_hw_arch& arch_;
  const ContractSetting& setting_;
  ContractPlan plan_;
  std::int64_t column_tiles_ = 1;
  bool fetches_again_ = false;  // the operand of the columns, as it does not stay in its tile
  std::optional<ContractPlan> best_;
  double best_cost_ = 0;
};

}  // namespace

ContractForm contract_form(const rdu_hw_arch& arch) {
  return arch.pcu.systolic_rows != 0 ? ContractForm::kSystolic : ContractForm::kSimd;
}

// A vector fills a side of the array, as far as it goes.
std::int64_t tile_rows_of(const rdu_hw_arch& arch) {
  return arch.pcu.systolic_rows != 0 ? std::min(arch.pcu.systolic_rows, arch.pcu.lanes)
                                     : arch.pcu.lanes;
}

std::int64_t tile_columns_of(const rdu_hw_arch& arch) {
  if (arch.pcu.systolic_rows != 0) return std::min(arch.pcu.systolic_columns, arch.pcu.lanes);
  return std::min<std::int64_t>(kMostSimdColumns, arch.pcu.ports.vector_out);
}

std::optional<PlannedNest> make_planned(const ContractShape& shape, const ContractPlan& plan,
                                        const rdu_hw_arch& arch, std::int64_t i, std::int64_t j) {
  return Planner(shape, plan, arch, i, j).run();
}

std::optional<ContractPlan> plan_contract(const ContractShape& shape, const rdu_hw_arch& arch,
                                          const ContractSetting& setting) {
  return PlanSearch(shape, arch, setting).run();
}

std::vector<VariableId> loops_around(const ContractShape& shape, const ContractPlan& plan,
                                     const Nest& nest, VariableId yb, VariableId cb) {
  std::vector<VariableId> loops = shape.outer;
  loops.insert(plan.rows_first ? loops.begin() : loops.end(), yb);
  loops.push_back(cb);
  std::erase_if(loops, [&](VariableId id) { return nest.extent(id) == 1; });
  return loops;
}

std::int64_t weight_transfers(const ContractPlan& plan, const Tile& tile) {
  constexpr std::int64_t kBytes = 1 << 20;  // of one of them
  return std::clamp<std::int64_t>(ceil_div(tile.bytes() * plan.column_groups, kBytes), 1,
                                  plan.column_groups);
}

}  // namespace rducc::rdu::lower
