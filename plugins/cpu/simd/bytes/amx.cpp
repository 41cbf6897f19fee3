// The products of bytes on AMX tiles: sums of 16 points times 16 channels, up to 64 bytes deep a step. What comes after the
// sums, and all that has no use for tiles, is compiled for avx512 with VNNI.
#define RDU_CPU_ISA amxint8
#include "plugins/cpu/simd/bytes/gemm.hpp"
#include "plugins/cpu/simd/tile_shapes.hpp"

namespace rdu::cpu {
namespace {

using namespace amxint8;

constexpr size_t kTileRows = 16, kTileLanes = 16, kTileDepth = 16;  // of words
constexpr size_t kLeastRun = 4, kLeastRows = 4;                     // that tiles are worth

// Where the last rows of [0, count) begin, in steps of 16: they overlap those before, so that all tiles have one shape.
size_t tile_start(size_t tile, size_t count) {
  const size_t first = tile * kTileRows;
  return first + kTileRows <= count || count < kTileRows ? first : count - kTileRows;
}

// Tiles 0 to 3 are sums [point][channel], 4 and 5 points, 6 and 7 channels.
void shape_for_line(size_t points, size_t run) {
  TileShapes shapes;
  for (size_t t = 0; t < 4; ++t) shapes.set(t, points);
  shapes.set(4, points, run * 4);
  shapes.set(5, points, run * 4);
  shapes.set(6, run);
  shapes.set(7, run);
  _tile_loadconfig(&shapes);
}

// P tiles of points times C blocks of channels from `block` on; sums are [tile of points][point][channel of the panel].
template <size_t P, size_t C>
void sum_tiles(const ByteLine& line, const std::byte* upper, const std::byte* lower, size_t block,
               int32_t* sums) {
  const auto lanes = static_cast<int64_t>(line.blocks * kTileLanes), panel_bytes = lanes * 4;
  const std::byte* panel = line.panel + block * kTileLanes * 4;
  _tile_zero(0);
  if constexpr (C == 2) _tile_zero(1);
  if constexpr (P == 2) _tile_zero(2);
  if constexpr (P == 2 && C == 2) _tile_zero(3);
  for (size_t q = 0; q < line.quads; q += line.run) {
    const int64_t at = line.offsets[q];
    _tile_loadd(6, panel, panel_bytes);
    _tile_loadd(4, upper + at, line.source_step);
    _tile_dpbusd(0, 4, 6);
    if constexpr (P == 2) {
      _tile_loadd(5, lower + at, line.source_step);
      _tile_dpbusd(2, 5, 6);
    }
    if constexpr (C == 2) {
      _tile_loadd(7, panel + kTileLanes * 4, panel_bytes);
      _tile_dpbusd(1, 4, 7);
      if constexpr (P == 2) _tile_dpbusd(3, 5, 7);
    }
    panel += static_cast<int64_t>(line.run) * panel_bytes;
  }
  int32_t* to = sums + block * kTileLanes;
  int32_t* below = to + static_cast<int64_t>(kTileRows) * lanes;
  _tile_stored(0, to, panel_bytes);
  if constexpr (C == 2) _tile_stored(1, to + kTileLanes, panel_bytes);
  if constexpr (P == 2) _tile_stored(2, below, panel_bytes);
  if constexpr (P == 2 && C == 2) _tile_stored(3, below + kTileLanes, panel_bytes);
}

template <size_t P>
void sum_blocks(const ByteLine& line, size_t upper, size_t lower, int32_t* sums) {
  const std::byte* first = line.source + static_cast<int64_t>(upper) * line.source_step;
  const std::byte* second = line.source + static_cast<int64_t>(lower) * line.source_step;
  size_t block = 0;
  for (; block + 2 <= line.blocks; block += 2) sum_tiles<P, 2>(line, first, second, block, sums);
  if (block < line.blocks) sum_tiles<P, 1>(line, first, second, block, sums);
}

// Points that two tiles share are finished twice, to the same bytes.
void finish_points_of(const ByteLine& line, size_t start, size_t points, const int32_t* sums) {
  const size_t lanes = line.blocks * kTileLanes, point = bytes_of_point(line.results);
  for (size_t b = 0; b < line.blocks; ++b) {
    finish_block(sums + b * kTileLanes, lanes, points, results_of_block(line.results, b),
                 line.out + static_cast<int64_t>(b) * line.out_block + start * point);
  }
}

void convolve_on_tiles(const ByteLine& line) {
  if (line.run < kLeastRun || line.count == 0) return convolve_bytes<>(line);
  alignas(64) int32_t sums[2 * kTileRows * kMostBlocks * kTileLanes];
  const size_t points = line.count < kTileRows ? line.count : kTileRows;
  const size_t tiles = (line.count + kTileRows - 1) / kTileRows;
  shape_for_line(points, line.run);
  for (size_t t = 0; t < tiles; t += 2) {
    const size_t upper = tile_start(t, line.count);
    if (t + 1 == tiles) {
      sum_blocks<1>(line, upper, upper, sums);
    } else {
      const size_t lower = tile_start(t + 1, line.count);
      sum_blocks<2>(line, upper, lower, sums);
      finish_points_of(line, lower, points, sums + kTileRows * line.blocks * kTileLanes);
    }
    finish_points_of(line, upper, points, sums);
  }
  _tile_release();
  look_up_line(line, line.blocks);
}

// Tiles 0 and 1 are sums [row][lane]; 2 and 3 a row's and a lane's whole steps, 4 and 5 those that are left over.
void shape_for_rows(size_t rows, size_t left) {
  TileShapes shapes;
  shapes.set(0, rows);
  shapes.set(2, rows);
  shapes.set(3, kTileDepth);
  shapes.set(4, rows, left == 0 ? 4 : left * 4);
  shapes.set(5, left == 0 ? 1 : left);
  _tile_loadconfig(&shapes);
}

void multiply_on_tile(const IntegerTile& t, size_t row, size_t rows, size_t lane) {
  const auto* from = static_cast<const int32_t*>(t.rows) + row * t.groups;
  const auto* panel = static_cast<const int32_t*>(t.lanes) + lane;
  const auto row_bytes = static_cast<int64_t>(t.groups * 4);
  const auto panel_bytes = static_cast<int64_t>(t.panel_lanes * 4);
  _tile_zero(0);
  size_t g = 0;
  for (; g + kTileDepth <= t.groups; g += kTileDepth) {
    _tile_loadd(2, from + g, row_bytes);
    _tile_loadd(3, panel + g * t.panel_lanes, panel_bytes);
    _tile_dpbsud(0, 2, 3);
  }
  if (g < t.groups) {
    _tile_loadd(4, from + g, row_bytes);
    _tile_loadd(5, panel + g * t.panel_lanes, panel_bytes);
    _tile_dpbsud(0, 4, 5);
  }
  alignas(64) int32_t sums[kTileRows * kTileLanes];
  _tile_stored(0, sums, kTileLanes * 4);
  const size_t left = t.num_lanes - lane;
  for (size_t r = 0; r < rows; ++r) {
    const Sums sum = load_sums(sums + r * kTileLanes) + t.row_start[row + r];
    int32_t* to = t.sums + (row + r) * t.num_lanes + lane;
    __builtin_memcpy(to, &sum, (left < kTileLanes ? left : kTileLanes) * 4);
  }
}

// Lanes outside: their panel stays close while rows pass over it.
void multiply_on_tiles(const IntegerTile& t) {
  if (t.num_rows < kLeastRows || t.groups < kLeastRun) return multiply_integers(t);
  const size_t rows = t.num_rows < kTileRows ? t.num_rows : kTileRows;
  shape_for_rows(rows, t.groups % kTileDepth);
  for (size_t lane = 0; lane < t.num_lanes; lane += kTileLanes) {
    for (size_t row = 0; row < t.num_rows; row += kTileRows) {
      multiply_on_tile(t, tile_start(row / kTileRows, t.num_rows), rows, lane);
    }
  }
  _tile_release();
}

constexpr IntegerKernels amx_integers() {
  IntegerKernels k = integer_kernels();
  k.multiply = multiply_on_tiles;
  k.bytes.whole_blocks = true;
  k.bytes.line = convolve_on_tiles;
  return k;
}

constexpr IntegerKernels kTable = amx_integers();

}  // namespace

const IntegerKernels kAmxIntegers = kTable;

}  // namespace rdu::cpu
