// Products of 16-bit floats on AMX tiles: two tiles of 16 rows times two of 16 columns, each step 32 elements deep.
#include <immintrin.h>
#include <stddef.h>
#include <stdint.h>

#include "plugins/cpu/simd/narrow/kernels.hpp"
#include "plugins/cpu/simd/tile_shapes.hpp"

namespace rdu::cpu {
namespace {

constexpr size_t kTileRows = 16;
constexpr size_t kDepth = 32;  // steps of a tile

// Tiles 0 to 3 are sums [rows][columns], 4 and 5 rows, 6 and 7 columns. `second` rows may be 0, their tiles unused.
void shape_tiles(size_t first, size_t second) {
  TileShapes shapes;
  const size_t lower = second == 0 ? 1 : second;
  shapes.set(0, first);
  shapes.set(1, first);
  shapes.set(2, lower);
  shapes.set(3, lower);
  shapes.set(4, first);
  shapes.set(5, lower);
  shapes.set(6, kTileRows);
  shapes.set(7, kTileRows);
  _tile_loadconfig(&shapes);
}

// One walk over the chunks; R and C: tiles of rows and columns.
template <size_t R, size_t C>
void walk(const NarrowTile& t, size_t row) {
  const int64_t row_bytes = t.row_step * 2, panel_bytes = static_cast<int64_t>(t.columns) * 4;
  _tile_zero(0);
  if constexpr (C == 2) _tile_zero(1);
  if constexpr (R == 2) _tile_zero(2);
  if constexpr (R == 2 && C == 2) _tile_zero(3);
  const uint16_t* upper = t.rows + static_cast<int64_t>(row) * t.row_step;
  const uint16_t* lower = upper + static_cast<int64_t>(kTileRows) * t.row_step;
  for (size_t c = 0; c < t.num_chunks; ++c) {
    const NarrowChunk& chunk = t.chunks[c];
    const uint16_t* panel = t.panel + chunk.panel * static_cast<int64_t>(t.columns);
    for (size_t step = 0; step < chunk.steps; step += kDepth, panel += kDepth * t.columns) {
      const int64_t at = chunk.rows + static_cast<int64_t>(step);
      _tile_loadd(6, panel, panel_bytes);
      _tile_loadd(4, upper + at, row_bytes);
      _tile_dpbf16ps(0, 4, 6);
      if constexpr (R == 2) {
        _tile_loadd(5, lower + at, row_bytes);
        _tile_dpbf16ps(2, 5, 6);
      }
      if constexpr (C == 2) {
        _tile_loadd(7, panel + 32, panel_bytes);
        _tile_dpbf16ps(1, 4, 7);
        if constexpr (R == 2) _tile_dpbf16ps(3, 5, 7);
      }
    }
  }
  float* to = t.sums + static_cast<int64_t>(row) * t.sums_step;
  const int64_t to_bytes = t.sums_step * 4;
  float* below = to + static_cast<int64_t>(kTileRows) * t.sums_step;
  _tile_stored(0, to, to_bytes);
  if constexpr (C == 2) _tile_stored(1, to + 16, to_bytes);
  if constexpr (R == 2) _tile_stored(2, below, to_bytes);
  if constexpr (R == 2 && C == 2) _tile_stored(3, below + 16, to_bytes);
}

// The upper tile is whole where there is a lower one. The tiles are released, so that nobody saves them at a switch.
void multiply(const NarrowTile& t) {
  size_t shaped = 0;  // rows that tiles are shaped for
  for (size_t row = 0; row < t.num_rows; row += 2 * kTileRows) {
    const size_t rows = t.num_rows - row < 2 * kTileRows ? t.num_rows - row : 2 * kTileRows;
    const size_t first = rows < kTileRows ? rows : kTileRows, second = rows - first;
    if (rows != shaped) shape_tiles(first, second);
    shaped = rows;
    if (t.columns == 32) {
      second == 0 ? walk<1, 2>(t, row) : walk<2, 2>(t, row);
    } else {
      second == 0 ? walk<1, 1>(t, row) : walk<2, 1>(t, row);
    }
  }
  _tile_release();
}

}  // namespace

const NarrowKernels kAmxKernels = {kDepth, 2 * kTileRows, multiply};

}  // namespace rdu::cpu
