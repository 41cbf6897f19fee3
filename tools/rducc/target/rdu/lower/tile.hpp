// A box of an operand that lies in a scratchpad while the inner loops of a nest use it.
#pragma once

#include <optional>
#include <span>
#include <vector>

#include "tools/rducc/target/rdu/lower/nest.hpp"
#include "tools/rducc/target/rdu/lower/words.hpp"

namespace rducc::rdu::lower {

struct TileDim {
  Form origin;  // in the operand, over the loops outside
  std::int64_t size = 1;
  std::int64_t pitch = 1;  // in the tile, in what a reader takes at once
};

struct Tile {
  std::size_t level = 0;  // filled anew in each iteration of so many outer loops
  std::vector<TileDim> dims;
  Touch inside;              // the operand's access, in the tile
  std::int64_t words = 0;    // that readers take, halves of words where they are
  std::int64_t fills = 1;    // in a run
  std::int64_t vectors = 0;  // that a fill moves
  std::uint32_t bank_stride = 1;
  std::size_t pair_dim = 0;       // of kPair
  std::vector<VariableId> turns;  // of all_fills(): the loops outside that it moves with

  // Between positions of a dimension, for who writes them: of pairs, in halves of words.
  std::int64_t written_pitch(std::size_t d) const {
    return dims[d].pitch * (inside.cell == Cell::kPair && d < pair_dim ? 2 : 1);
  }
  std::int64_t pair_stride() const { return inside.cell == Cell::kPair ? dims[pair_dim].pitch : 0; }
  std::int64_t bytes() const { return words * read_bytes(inside.cell); }
  std::int64_t traffic_bytes(std::uint32_t lanes) const {
    return fills * vectors * lanes * memory_bytes(inside.dtype);
  }
};

// The tile for loops `order` [level, end); nothing where its place moves with an outer loop in steps that no sum says. `lane`: the loop whose
// steps are read side by side, so that no two of them meet in a bank; RDU_NONE: none.
std::optional<Tile> make_tile(const Nest& nest, const Touch& touch,
                              std::span<const VariableId> order, std::size_t level, VariableId lane,
                              std::uint32_t lanes);

// What all fills of the tile bring, side by side, each for its iterations of the loops outside: filled once.
Tile all_fills(const Nest& nest, const Tile& tile, std::span<const VariableId> order);

// The tile that moves the least from memory and fits `capacity` bytes (twice, where it is filled more than once); among equals the one
// that is filled most often, whose transfer overlaps the work best. Levels above `deepest` are not asked for.
std::optional<Tile> choose_tile(const Nest& nest, const Touch& touch,
                                std::span<const VariableId> order, VariableId lane,
                                std::uint32_t lanes, std::int64_t capacity, std::size_t deepest);

}  // namespace rducc::rdu::lower
