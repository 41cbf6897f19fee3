// Tiles of constants: filled in the section, or once for all runs in a setup section.
#include "tools/rducc/target/rdu/lower/emit.hpp"

namespace rducc::rdu::lower {

Staged Emitter::stage(const Nest& nest, const Touch& touch, const Tile& tile, Order order) {
  const Tile all = all_fills(nest, tile, order);
  Resident wish = resident_of(all);
  wish.saved = tile.traffic_bytes(lanes());
  const auto store = ask_to_stay(touch, wish);
  return store ? stage_for_ever(nest, touch, all, order, *store)
               : fill_tile(nest, touch, tile, order, {});
}

Resident Emitter::resident_of(const Tile& tile) const {
  const auto slice = static_cast<std::int64_t>(arch_.pmu.banks) * 4;
  return {tile.traffic_bytes(lanes()), round_up(tile.bytes(), slice), false};
}

std::optional<Store> Emitter::ask_to_stay(const Touch& touch, const Resident& resident) {
  const bool fits = resident.bytes <= static_cast<std::int64_t>(arch_.pmu.bytes);
  if (!fits || !may_stay(touch)) return {};
  return residents_->ask(resident, name("resident"));
}

Emitter Emitter::filler() {
  return {flow_, residents_->setup(), regions_, arch_, node_name_, node_, budget_};
}

Staged Emitter::stage_for_ever(const Nest& nest, const Touch& touch, const Tile& tile, Order order,
                               Store store) {
  filler().fill_tile(nest, touch, tile, order, store);
  return {tile_buffer(tile, store), tile, {}};
}

std::optional<Tile> Emitter::table_of(const Nest& nest, const Touch& touch) const {
  constexpr std::size_t kStepsForWord = 2;
  Tile table;
  table.inside = touch;
  table.words = 1;
  std::size_t steps = 1;
  for (const Position& position : touch.dims) {
    if (position.divisor != 1 || position.modulus != 0 || position.exact) return {};
    if (position.index != RDU_NONE) {
      steps += kStepsForWord;
    } else if (const Range range = nest.range(position);
               range.low < 0 || range.high >= position.extent) {
      return {};
    }
    table.dims.push_back({{}, position.extent, position.pitch});
    table.words += (position.extent - 1) * position.pitch;
  }
  table.vectors = ceil_div(table.words, lanes());
  const bool looks_up = steps > 1 && steps <= arch_.pmu.address_stages;
  return looks_up ? std::optional(std::move(table)) : std::nullopt;
}

std::optional<Memory> Emitter::look_up(const Nest& nest, const Touch& touch, Order order,
                                       Across across) {
  const std::optional<Tile> table = table_of(nest, touch);
  if (!table) return {};
  Resident wish = resident_of(*table);
  wish.saved = direct_bytes(nest, touch, order, across == Across::kLanes);
  wish.extra = true;
  const auto store = ask_to_stay(touch, wish);
  if (!store) return {};
  const Staged staged = stage_for_ever(nest, touch, *table, {}, *store);
  return open_read(nest, touch, staged.buffer, order, across);
}

BufferHandle Emitter::tile_buffer(const Tile& tile, std::optional<Store> store) {
  BufferOptions options;
  options.copies = tile.fills > 1 ? 2 : 1;
  if (tile.bytes() * 2 > static_cast<std::int64_t>(arch_.pmu.bytes)) options.copies = 1;
  options.bank_stride = tile.bank_stride;
  options.store = store;
  return section_.buffer({name("tile"), node_}, static_cast<std::uint64_t>(tile.bytes()), options);
}

void Emitter::hand_over(const Staged& staged, const Memory& reader) {
  if (!staged.writer) return;
  const auto turn = static_cast<std::uint32_t>(staged.tile.level);
  section_.metapipe(staged.buffer, {*staged.writer, turn}, {reader, turn});
}

}  // namespace rducc::rdu::lower
