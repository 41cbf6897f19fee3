// One transfer for the tiles of several units: each keeps its own box of what passes by.
#include <algorithm>

#include "tools/rducc/target/rdu/lower/addressing.hpp"
#include "tools/rducc/target/rdu/lower/emit.hpp"
#include "tools/rducc/target/rdu/lower/words.hpp"

namespace rducc::rdu::lower {
namespace {

// Of a tile's dimension, in the operand.
Span reach_of(const TileDim& dim) { return {dim.origin.offset, dim.origin.offset + dim.size}; }

}  // namespace

std::vector<Staged> Emitter::stage_together(const Nest& nest, const Touch& touch,
                                            std::span<const Tile> tiles) {
  std::vector<Tile> passing, staying;
  std::vector<std::optional<Store>> stores;
  for (const Tile& tile : tiles) {
    const auto store = ask_to_stay(touch, resident_of(tile));
    stores.push_back(store);
    (store ? staying : passing).push_back(tile);
  }
  std::vector<std::optional<Store>> homes = stores;
  std::erase(homes, std::nullopt);
  if (!staying.empty()) filler().fill_together(nest, touch, staying, homes);
  const std::vector<std::optional<Store>> none(passing.size());
  const std::vector<Staged> filled =
      passing.empty() ? std::vector<Staged>() : fill_together(nest, touch, passing, none);
  std::vector<Staged> staged;
  std::size_t next = 0;
  for (std::size_t t = 0; t < tiles.size(); ++t) {
    staged.push_back(stores[t] ? Staged{tile_buffer(tiles[t], stores[t]), tiles[t], {}}
                               : filled[next++]);
  }
  return staged;
}

std::vector<Staged> Emitter::fill_together(const Nest& nest, const Touch& touch,
                                           std::span<const Tile> tiles,
                                           std::span<const std::optional<Store>> stores) {
  Nest box;
  box.variables = nest.variables;
  Touch from = touch;
  if (from.dims.empty()) from.dims.push_back({});
  std::vector<Touch> to;
  for (const Tile& tile : tiles) {
    to.push_back(tile.inside);
    to.back().dims.resize(tile.dims.size());
  }
  for (std::size_t d = 0; d < from.dims.size(); ++d) {
    Span all = reach_of(tiles[0].dims[d]);
    for (const Tile& tile : tiles) {
      const Span one = reach_of(tile.dims[d]);
      all = {std::min(all.first, one.first), std::max(all.end, one.end)};
    }
    all.end = std::max(all.first + 1, std::min(all.end, from.dims[d].extent));
    const VariableId along = box.add_loop(all.size(), false);
    box.parallel.push_back(along);
    from.dims[d] = Position{{}, 1, 0, false, from.dims[d].extent, from.dims[d].pitch};
    from.dims[d].form.offset = all.first;
    from.dims[d].form.add(along, 1);
    for (std::size_t t = 0; t < tiles.size(); ++t) {
      const TileDim& dim = tiles[t].dims[d];
      to[t].dims[d] = Position{{}, 1, 0, false, dim.size, tiles[t].written_pitch(d)};
      to[t].dims[d].form.offset = all.first - dim.origin.offset;
      to[t].dims[d].form.add(along, 1);
    }
  }
  box.reads = {from};
  box.writes = to;
  simplify(box);
  if (box.parallel.empty()) box.parallel.push_back(box.add_loop(1, false));
  TransferOptions transfer;
  transfer.mode =
      is_dense(box, box.reads[0], box.parallel) ? RDU_HW_TRANSFER_DENSE : RDU_HW_TRANSFER_SPARSE;
  transfer.format = memory_format(touch.dtype);
  transfer.fill = touch.fill;
  const Memory memory =
      section_.load({name("load"), node_}, chain(box, box.parallel, Across::kLanes),
                    regions_.of(touch.value), {}, transfer);
  if (edges_ != nullptr) edges_->loaded(touch.value, memory);
  Addressing(box, memory, box.parallel).finish(box.reads[0], memory_bytes(touch.dtype));
  std::vector<Staged> staged;
  for (std::size_t t = 0; t < tiles.size(); ++t) {
    const BufferHandle buffer = tile_buffer(tiles[t], stores[t]);
    staged.push_back({buffer, tiles[t],
                      write(box, box.writes[t], buffer, box.parallel, Across::kLanes, memory.data(),
                            {tiles[t].pair_stride(), tiles[t].bytes()})});
  }
  return staged;
}

}  // namespace rducc::rdu::lower
