// Operands as streams: chains of counters, transfers, tiles.
#include "tools/rducc/target/rdu/lower/emit.hpp"

#include <algorithm>

#include "tools/rducc/target/rdu/lower/addressing.hpp"
#include "tools/rducc/target/rdu/lower/visit.hpp"
#include "tools/rducc/target/rdu/lower/words.hpp"

namespace rducc::rdu::lower {
namespace {

constexpr std::int64_t kBurstBytes = 64;

std::uint32_t extent_of(const Nest& nest, VariableId id) {
  return static_cast<std::uint32_t>(nest.extent(id));
}

}  // namespace

Emitter::Emitter(Flow& flow, Section& section, Regions& regions, const rdu_hw_arch& arch,
                 std::string_view node_name, std::uint32_t node, double budget,
                 const Company& company)
    : flow_(flow),
      section_(section),
      regions_(regions),
      arch_(arch),
      node_name_(printable(node_name)),
      node_(node),
      budget_(budget),
      edges_(company.edges),
      residents_(company.residents) {}

std::string Emitter::name(std::string_view what) const {
  return node_name_ + ": " + std::string(what);
}

std::uint32_t Emitter::scratchpad_scalar() const {
  return arch_.pmu.ports.scalar_out != 0 ? RDU_HW_SCALAR : RDU_HW_VECTOR;
}

Chain Emitter::chain(const Nest& nest, Order order, Across across) const {
  Chain chain;
  for (const VariableId id : order) chain.push_back(loop(extent_of(nest, id)));
  if (across == Across::kLanes) chain.back() = rdu::lanes(chain.back().extent, lanes());
  return chain;
}

bool Emitter::moves_with(const Nest& nest, const Form& form, VariableId id) const {
  if (form.coef(id) != 0) return true;
  for (VariableId other = 0; other < form.end(); ++other) {
    const Variable& variable = nest.variables[other];
    const bool derived = form.coef(other) != 0 && variable.divisor != 0;
    if (derived && moves_with(nest, variable.dividend, id)) return true;
  }
  return false;
}

std::size_t Emitter::depth(const Nest& nest, const Touch& touch, Order order) const {
  std::size_t depth = 0;
  for (const Position& position : touch.dims) {
    for (std::size_t i = depth; i < order.size(); ++i) {
      if (moves_with(nest, position.form, order[i])) depth = i + 1;
    }
    if (position.index != RDU_NONE) {
      depth = std::max(depth, this->depth(nest, nest.reads[position.index], order));
    }
  }
  return depth;
}

bool Emitter::is_dense(const Nest& nest, const Touch& touch, Order order) const {
  if (order.empty() || nest.extent(order.back()) == 1) return true;
  const VariableId last = order.back();
  bool along = false;
  for (const Position& position : touch.dims) {
    const bool words_move = position.index != RDU_NONE &&
                            depth(nest, nest.reads[position.index], order) == order.size();
    if (words_move) return false;
    if (!moves_with(nest, position.form, last)) continue;
    const bool steps = position.form.coef(last) == 1 && position.pitch == 1 &&
                       position.divisor == 1 && position.modulus == 0 && !along;
    if (!steps) return false;
    for (VariableId id = 0; id < position.form.end(); ++id) {
      if (id != last && position.form.coef(id) != 0 && nest.variables[id].divisor != 0 &&
          moves_with(nest, nest.variables[id].dividend, last)) {
        return false;
      }
    }
    along = true;
  }
  return along;
}

std::int64_t Emitter::direct_bytes(const Nest& nest, const Touch& touch, Order order,
                                   bool by_lanes) const {
  std::int64_t points = 1;
  for (const VariableId id : order) points *= nest.extent(id);
  if (!is_dense(nest, touch, order)) return points * kBurstBytes / (by_lanes ? 1 : 2);
  if (order.empty()) return kBurstBytes;
  const std::int64_t run = nest.extent(order.back());
  return points / run * round_up(run * memory_bytes(touch.dtype), kBurstBytes);
}

Feed Emitter::fetch(const Nest& nest, const Touch& touch, Order order, Across across) {
  const std::size_t level = depth(nest, touch, order);
  const Order used = order.first(level);
  const bool by_lanes = across == Across::kLanes && level == order.size();
  const bool direct_only = std::any_of(touch.dims.begin(), touch.dims.end(),
                                       [](const Position& p) { return p.index != RDU_NONE; });
  if (is_made_here(touch)) {
    if (direct_only) throw Spill{touch.value};
    const Stream stream = arrive(nest, touch, used, by_lanes ? Across::kLanes : Across::kNothing);
    return {stream, by_lanes ? kEvery : static_cast<std::uint32_t>(level)};
  }
  if (level == 0 || direct_only) return load(nest, touch, order, across);
  const VariableId lane = by_lanes ? used.back() : RDU_NONE;
  const auto tile = choose_tile(nest, touch, used, lane, lanes(),
                                static_cast<std::int64_t>(arch_.pmu.bytes), level - 1);
  const std::int64_t direct = direct_bytes(nest, touch, used, by_lanes);
  const bool loads = !tile || tile->traffic_bytes(lanes()) * 5 > direct * 4;
  std::optional<Staged> staged;
  if (const auto whole = make_tile(nest, touch, used, 0, lane, lanes())) {
    Resident wish = resident_of(*whole);
    wish.saved = loads ? direct : tile->traffic_bytes(lanes());
    wish.extra = loads;
    const auto store = ask_to_stay(touch, wish);
    if (store) staged = stage_for_ever(nest, touch, *whole, used, *store);
  }
  if (!staged && loads) return load(nest, touch, order, across);
  if (!staged) staged = fill_tile(nest, touch, *tile, used, {});
  const Memory reader = read(nest, staged->tile.inside, staged->buffer, used,
                             by_lanes ? Across::kLanes : Across::kNothing);
  hand_over(*staged, reader);
  return {reader.data(), by_lanes ? kEvery : static_cast<std::uint32_t>(level)};
}

Feed Emitter::load(const Nest& nest, const Touch& touch, Order order, Across across) {
  const std::size_t level = depth(nest, touch, order);
  const Order used = order.first(level);
  const bool by_lanes = across == Across::kLanes && level == order.size();
  const Across mode = by_lanes ? Across::kLanes : Across::kNothing;
  TransferOptions options;
  options.mode = is_dense(nest, touch, used) ? RDU_HW_TRANSFER_DENSE : RDU_HW_TRANSFER_SPARSE;
  options.format = memory_format(touch.dtype);
  options.fill = touch.fill;
  options.kind = by_lanes ? RDU_HW_VECTOR : RDU_HW_SCALAR;
  const std::optional<Memory> table = look_up(nest, touch, used, mode);
  const Memory memory = table ? *table
                              : section_.load({name("load"), node_}, chain(nest, used, mode),
                                              regions_.of(touch.value), {}, options);
  if (edges_ != nullptr && !table) edges_->loaded(touch.value, memory);
  Addressing addressing(nest, memory, used);
  for (const Position& position : touch.dims) {
    if (position.index == RDU_NONE) continue;
    const Feed words = index_words(nest, position, used, mode);
    addressing.bring(position.index, Memory(memory).word(words.stream, words.level));
  }
  addressing.finish(touch, table ? read_bytes(touch.cell) : memory_bytes(touch.dtype));
  return {memory.data(), by_lanes ? kEvery : static_cast<std::uint32_t>(level)};
}

Staged Emitter::fill_tile(const Nest& nest, const Touch& touch, const Tile& tile, Order order,
                          std::optional<Store> store) {
  Nest box;  // the loops outside, and one along each dimension of the tile
  box.variables = nest.variables;
  Touch from = touch, to = tile.inside;
  if (from.dims.empty()) from.dims.push_back({});
  to.dims.resize(tile.dims.size());
  for (std::size_t d = 0; d < tile.dims.size(); ++d) {
    const VariableId along = box.add_loop(tile.dims[d].size, false);
    box.parallel.push_back(along);
    from.dims[d] =
        Position{tile.dims[d].origin, 1, 0, false, from.dims[d].extent, from.dims[d].pitch};
    from.dims[d].form.add(along, 1);
    to.dims[d] = Position{{}, 1, 0, false, tile.dims[d].size, tile.written_pitch(d)};
    to.dims[d].form.add(along, 1);
  }
  if (!tile.turns.empty()) {
    to.dims.push_back(tile.inside.dims.back());
    if (tile.inside.cell == Cell::kPair) to.dims.back().pitch *= 2;
  }
  box.reads = {from};
  box.writes = {to};
  simplify(box);
  if (box.parallel.empty()) box.parallel.push_back(box.add_loop(1, false));
  std::vector<VariableId> loops(order.begin(),
                                order.begin() + static_cast<std::ptrdiff_t>(tile.level));
  if (store) loops = tile.turns;
  loops.insert(loops.end(), box.parallel.begin(), box.parallel.end());
  const BufferHandle buffer = tile_buffer(tile, store);
  // One step of the innermost loop along the lanes, even where it is the only one.
  TransferOptions transfer;
  transfer.mode =
      is_dense(box, box.reads[0], loops) ? RDU_HW_TRANSFER_DENSE : RDU_HW_TRANSFER_SPARSE;
  transfer.format = memory_format(touch.dtype);
  transfer.fill = touch.fill;
  const Memory memory = section_.load({name("load"), node_}, chain(box, loops, Across::kLanes),
                                      regions_.of(touch.value), {}, transfer);
  if (edges_ != nullptr) edges_->loaded(touch.value, memory);
  Addressing(box, memory, loops).finish(box.reads[0], memory_bytes(touch.dtype));
  const Memory writer = write(box, box.writes[0], buffer, loops, Across::kLanes, memory.data(),
                              {tile.pair_stride(), tile.bytes()});
  return {buffer, tile, writer};
}

Memory Emitter::read(const Nest& nest, const Touch& inside, BufferHandle buffer, Order order,
                     Across across) {
  const Memory memory = open_read(nest, inside, buffer, order, across);
  Addressing(nest, memory, order).finish(inside, read_bytes(inside.cell));
  return memory;
}

Memory Emitter::open_read(const Nest& nest, const Touch& inside, BufferHandle buffer, Order order,
                          Across across) {
  AccessOptions options;
  options.format = read_format(inside.cell);
  options.fill = inside.fill;
  Chain counters = chain(nest, order, across);
  if (across == Across::kNothing) {
    options.kind = scratchpad_scalar();
    if (options.kind == RDU_HW_VECTOR) counters.push_back(rdu::lanes(lanes(), lanes()));
  }
  return section_.read({name("read"), node_}, std::move(counters), buffer, {}, options);
}

Memory Emitter::write(const Nest& nest, const Touch& inside, BufferHandle buffer, Order order,
                      Across across, Stream data, const Pairing& pairing) {
  AccessOptions options;
  options.format = written_format(inside.cell);
  const Memory memory =
      section_.write({name("write"), node_}, chain(nest, order, across), buffer, data, {}, options);
  Addressing addressing(nest, memory, order);
  if (inside.cell == Cell::kPair) {
    addressing.finish_pairs(inside, pairing);
  } else {
    addressing.finish(inside, cell_bytes(inside.cell));
  }
  return memory;
}

void Emitter::store(const Nest& nest, const Touch& touch, Order order, Across across, Stream data) {
  if (is_made_here(touch)) {
    edges_->add({nest,
                 touch,
                 {order.begin(), order.end()},
                 across == Across::kLanes,
                 data,
                 &section_,
                 node_});
    if (!edges_->keeping(touch.value).leaves) return;
  }
  TransferOptions options;
  options.mode = is_dense(nest, touch, order) ? RDU_HW_TRANSFER_DENSE : RDU_HW_TRANSFER_SPARSE;
  options.format = memory_format(touch.dtype);
  const Memory memory = section_.store({name("store"), node_}, chain(nest, order, across),
                                       regions_.of(touch.value), data, {}, options);
  Addressing addressing(nest, memory, order);
  for (const Guard& guard : nest.guards) addressing.guard(guard);
  addressing.finish(touch, memory_bytes(touch.dtype));
  if (edges_ != nullptr) edges_->stored(touch.value, memory);
}

}  // namespace rducc::rdu::lower
