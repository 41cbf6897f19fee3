// Boxes of operands: where they begin, how large they are, how they lie in a scratchpad.
#include "tools/rducc/target/rdu/lower/tile.hpp"

#include <algorithm>

namespace rducc::rdu::lower {
namespace {

constexpr std::int64_t kMostStride = 64;  // words between two lanes, that banks are laid out for

class TileMaker {
 public:
  TileMaker(const Nest& nest, const Touch& touch, std::span<const VariableId> order,
            std::size_t level)
      : nest_(nest), touch_(touch), outer_(order.subspan(0, level)) {
    tile_.level = level;
    tile_.inside = touch;
    for (const VariableId id : outer_) tile_.fills *= nest.extent(id);
  }

  std::optional<Tile> run(VariableId lane, std::uint32_t lanes) {
    for (Position& position : tile_.inside.dims) {
      if (position.index != RDU_NONE || !add_dim(position)) return {};
    }
    if (tile_.inside.dims.empty()) {
      tile_.inside.dims.push_back({});
      tile_.dims.push_back({});
    }
    lay_out(lane);
    count_vectors(lanes);
    return std::move(tile_);
  }

 private:
  Form outer_part(const Form& form) const {
    Form part;
    for (const VariableId id : outer_) part.set(id, form.coef(id));
    return part;
  }

  bool add_dim(Position& position) {
    TileDim dim;
    Form outer = outer_part(position.form);
    const bool moves = !outer.is_constant();
    const bool is_sum = position.divisor == 1 && position.modulus == 0;
    if (moves && !is_sum) return false;
    Form inner = position.form;
    inner.add(outer, -1);
    Position alone = position;
    alone.form = inner;
    const Range range = nest_.range(alone);
    const std::int64_t first = position.modulus != 0 ? 0 : range.low;
    dim.origin = outer;
    dim.origin.offset += first;
    dim.size = range.high - first + 1;
    position.form = inner;
    position.form.offset -= first * position.divisor;
    position.extent = dim.size;
    tile_.dims.push_back(dim);
    return touch_.pair == RDU_NONE || inner.coef(touch_.pair) == 0 || halve(position);
  }

  // A position in pairs.
  bool halve(Position& position) {
    tile_.pair_dim = tile_.dims.size() - 1;
    Form& form = position.form;
    form.set(touch_.pair, 0);
    if (form.offset % 2 != 0 || position.extent % 2 != 0) return false;
    form.offset /= 2;
    position.extent /= 2;
    for (VariableId id = 0; id < form.end(); ++id) {
      if (form.coef(id) % 2 != 0) return false;
      form.set(id, form.coef(id) / 2);
    }
    return true;
  }

  // Row-major, with a pitch that spreads what is read side by side over the banks.
  void lay_out(VariableId lane) {
    std::int64_t pitch = 1;
    for (std::size_t d = tile_.dims.size(); d-- > 0;) {
      Position& position = tile_.inside.dims[d];
      const std::int64_t step = lane == RDU_NONE ? 0 : position.form.coef(lane);
      if (step != 0 && d + 1 != tile_.dims.size()) pitch = spread(pitch, d);
      const bool strides = step > 1 && step % 2 == 0 && step <= kMostStride;
      if (strides) tile_.bank_stride = static_cast<std::uint32_t>(step);
      tile_.dims[d].pitch = position.pitch = pitch;
      pitch *= position.extent;
    }
    tile_.words = pitch;
  }

  // The next pitch that is an odd number of words, or, around pairs, of their strides.
  std::int64_t spread(std::int64_t pitch, std::size_t d) const {
    if (touch_.cell == Cell::kHalf) return ((pitch + 1) / 2 | 1) * 2;
    if (touch_.cell == Cell::kPair && d < tile_.pair_dim) {
      const std::int64_t stride = tile_.pair_stride();
      return (pitch / stride | 1) * stride;
    }
    return pitch | 1;
  }

  void count_vectors(std::uint32_t lanes) {
    const auto [rows, run] = runs();
    tile_.vectors = rows * ceil_div(run, lanes);
  }

  // Pieces that are consecutive in memory and in the tile, and the elements of one.
  std::pair<std::int64_t, std::int64_t> runs() const {
    std::int64_t rows = 1, run = 1;
    bool goes_on = true;
    for (std::size_t d = tile_.dims.size(); d-- > 0;) {
      const TileDim& dim = tile_.dims[d];
      goes_on &= tile_.written_pitch(d) == run;
      (goes_on ? run : rows) *= dim.size;
      goes_on &= d < touch_.dims.size() && dim.size == touch_.dims[d].extent;
    }
    return {rows, run};
  }

  const Nest& nest_;
  const Touch& touch_;
  std::span<const VariableId> outer_;
  Tile tile_;
};

}  // namespace

std::optional<Tile> make_tile(const Nest& nest, const Touch& touch,
                              std::span<const VariableId> order, std::size_t level, VariableId lane,
                              std::uint32_t lanes) {
  return TileMaker(nest, touch, order, level).run(lane, lanes);
}

Tile all_fills(const Nest& nest, const Tile& tile, std::span<const VariableId> order) {
  Tile all = tile;
  Position turn;
  for (std::size_t i = tile.level; i-- > 0;) {
    const VariableId id = order[i];
    const bool moves = std::any_of(tile.dims.begin(), tile.dims.end(),
                                   [&](const TileDim& dim) { return dim.origin.coef(id) != 0; });
    if (!moves || nest.extent(id) == 1) continue;
    all.turns.insert(all.turns.begin(), id);
    turn.form.add(id, turn.extent);
    turn.extent *= nest.extent(id);
  }
  turn.pitch = tile.words;
  all.words = tile.words * turn.extent;
  all.vectors = tile.vectors * turn.extent;
  all.fills = 1;
  if (!all.turns.empty()) all.inside.dims.push_back(turn);
  return all;
}

std::optional<Tile> choose_tile(const Nest& nest, const Touch& touch,
                                std::span<const VariableId> order, VariableId lane,
                                std::uint32_t lanes, std::int64_t capacity, std::size_t deepest) {
  std::optional<Tile> best;
  for (std::size_t level = 0; level <= deepest; ++level) {
    auto tile = make_tile(nest, touch, order, level, lane, lanes);
    if (!tile || tile->bytes() * (tile->fills > 1 ? 2 : 1) > capacity) continue;
    if (!best || tile->traffic_bytes(lanes) <= best->traffic_bytes(lanes)) best = std::move(tile);
  }
  return best;
}

}  // namespace rducc::rdu::lower
