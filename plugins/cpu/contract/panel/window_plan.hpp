// How a convolution becomes tiles of products: which taps of the window meet which outputs of a line, and where their
// inputs lie. Outputs at the border meet fewer taps; nothing is tested per element.
#pragma once

#include <cstdint>
#include <vector>

#include "plugins/cpu/contract/dnnl/call.hpp"
#include "plugins/cpu/simd/kernels.hpp"

namespace rdu::cpu {

// Along one dimension: outputs first + step * q, q < count, read inputs advance * q + offset of each tap. A transposed
// convolution has as many of them as its stride, all others have one.
struct WindowPhase {
  struct Tap {
    std::int64_t index, offset;
  };
  std::int64_t first = 0, step = 1, count = 0, advance = 1;
  std::vector<Tap> taps;
};

std::vector<WindowPhase> window_phases(const ConvolutionShape& shape, std::uint32_t dimension);

// One product: rows [first, first + rows) of a tile meet the chunks of `taps`.
struct WindowCall {
  std::int64_t first = 0, rows = 0;
  std::uint32_t taps = 0;  // into the plan's lists of taps
};

// Neighbouring outputs of a line, in a phase of the last dimension. The first call has all rows.
struct WindowTile {
  std::int64_t output = 0, step = 1;  // position of the first, and from one to the next
  std::int64_t input = 0;             // what the first reads at offset 0
  std::int64_t advance = 1;
  std::int64_t rows = 0;
  std::vector<WindowCall> calls;
};

// Shapes have three dimensions here: missing ones come first.
class WindowPlan {
 public:
  // `largest`: rows of a tile, whose borders are at multiples of `unit`. Steps of a chunk are channels of a block where the source lies in blocks, else
  // neighbouring taps of one plane.
  WindowPlan(const ConvolutionShape& shape, std::int64_t largest, std::int64_t unit);

  const std::vector<WindowTile>& tiles() const { return tiles_; }
  std::int64_t lines() const { return shape_.out[0] * shape_.out[1]; }
  // Floats of panel for all taps of one channel (times a column).
  std::int64_t taps() const { return shape_.kernel[0] * shape_.kernel[1] * shape_.kernel[2]; }
  // Is every line one tile and one call, with the same taps in all planes?
  bool alike() const {
    return tiles_.size() == 1 && tiles_[0].calls.size() == 1 && kinds_.size() == 1 &&
           shape_.out[0] == 1 && !shape_.transposed;
  }
  // Input position that a line's chunks count from, in points.
  std::int64_t line_base(std::int64_t line) const { return lines_[at(line)].base; }
  // Chunks for panels of `width` columns: of one whole block of channels, or of the last blocks if `tail`.
  const std::vector<PanelChunk>& chunks(std::int64_t line, std::uint32_t taps, bool wide,
                                        bool tail) const {
    return chunks_[(lines_[at(line)].kind * lists_.size() + taps) * 4 + (wide ? 2 : 0) + tail];
  }
  // The last blocks, where they are not all whole: so many of the unit's channels, then one of `tail` channels.
  struct LastBlocks {
    std::int64_t whole = 0, tail = 0;
  };
  // Makes the chunks; panels are `wide` or `narrow` columns.
  void make_chunks(std::int64_t wide, std::int64_t narrow, const LastBlocks& last);

 private:
  struct Line {
    std::int64_t base = 0;
    std::size_t kind = 0;
  };
  // Taps of the dimensions before the last that a line meets.
  struct Kind {
    std::vector<WindowPhase::Tap> planes, rows;
  };
  using Taps = std::vector<WindowPhase::Tap>;

  static std::size_t at(std::int64_t line) { return static_cast<std::size_t>(line); }
  void cut_tiles(std::int64_t largest, std::int64_t unit);
  void add_calls(const WindowPhase& phase, std::int64_t begin, WindowTile& tile);
  std::uint32_t list_of(const Taps& taps);
  void sort_lines();
  void list_chunks(const Kind& kind, const Taps& taps, std::int64_t width, std::int64_t block,
                   std::int64_t steps, std::vector<PanelChunk>& chunks) const;

  ConvolutionShape shape_;
  std::vector<WindowTile> tiles_;
  std::vector<Taps> lists_;
  std::vector<Line> lines_;
  std::vector<Kind> kinds_;
  std::vector<std::vector<PanelChunk>> chunks_;
};

}  // namespace rdu::cpu
