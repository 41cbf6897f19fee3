// Copies whole pieces, or turns planes into blocks line by line.
#include "plugins/cpu/contract/integer/byte_stage.hpp"

#include <algorithm>

#include "plugins/cpu/access/integer.hpp"
#include "plugins/cpu/contract/channel_blocks.hpp"

namespace rdu::cpu {

std::int64_t ByteLayout::units() const { return blocked ? channel_blocks(channels) : channels; }
std::int64_t ByteLayout::lanes() const { return blocked ? kChannelBlock : 1; }

ByteStage::ByteStage(const Kernels& kernels, const ByteKernels& bytes, const ByteSpan& y,
                     const ByteSpan& x, ByteLayout from, ByteLayout to, bool is_signed,
                     std::int32_t outside)
    : kernels_(&kernels),
      bytes_(&bytes),
      y_(y),
      x_(x),
      from_(from),
      to_(to),
      signed_(is_signed),
      // A kernel may read whole groups of taps beyond the last.
      slack_(static_cast<std::int64_t>(kByteSlack) * (x.dilation + 1)) {
  const bool moves = is_signed && bytes.moves_signed;
  outside_ = static_cast<std::int16_t>(moves ? outside + 128 : outside);
}

void ByteStage::size(std::int64_t lines, std::int64_t columns) {
  const auto word = static_cast<std::int64_t>(bytes_->word);
  line_step_ = x_.under(columns) * to_.lanes() * word;
  unit_step_ = y_.under(lines) * line_step_;
}

std::uint64_t ByteStage::memory_bytes(std::int64_t units) const {
  const bool turns = to_.blocked && !from_.blocked;
  return align_up(static_cast<std::uint64_t>(units * unit_step_ + slack_), 64) +
         (turns ? align_up(static_cast<std::uint64_t>(line_step_), 64) : 0);
}

void ByteStage::load(const std::byte* source, const BytePiece& piece, std::int64_t first,
                     std::int64_t count, std::byte* memory) const {
  std::byte* turned =
      memory + align_up(static_cast<std::uint64_t>(count * unit_step_ + slack_), 64);
  const std::int64_t lines = y_.under(piece.lines), width = x_.under(piece.columns);
  const std::int64_t top = piece.line * y_.stride - y_.pad;
  const std::int64_t left = piece.column * x_.stride - x_.pad;
  if (to_.blocked == from_.blocked) {
    for (std::int64_t unit = 0; unit < count; ++unit) {
      copy_lines(source + (first + unit) * y_.in * x_.in * to_.lanes(), top, lines, left, width,
                 memory + unit * unit_step_);
    }
    return;
  }
  for (std::int64_t unit = 0; unit < count; ++unit) {
    for (std::int64_t l = 0; l < lines; ++l) {
      std::byte* to = memory + unit * unit_step_ + l * line_step_;
      if (top + l < 0 || top + l >= y_.in) {
        fill(to, width * to_.lanes());
      } else {
        turn_line(source, first + unit, top + l, left, width, to, turned);
      }
    }
  }
}

void ByteStage::copy_lines(const std::byte* unit, std::int64_t top, std::int64_t lines,
                           std::int64_t left, std::int64_t width, std::byte* to) const {
  const std::int64_t lanes = to_.lanes();
  const std::int64_t above = std::clamp<std::int64_t>(-top, 0, lines);
  const std::int64_t end = std::clamp(y_.in - top, above, lines);
  const std::int64_t first = std::clamp<std::int64_t>(-left, 0, width);
  const std::int64_t last = std::clamp(x_.in - left, first, width);
  const auto of = [](std::int64_t n) { return static_cast<std::size_t>(n); };
  ByteLines copy{};
  copy.from_step = x_.in * lanes;
  copy.from = unit + (top + above) * copy.from_step + (left + first) * lanes;
  copy.to = to;
  copy.above = of(above);
  copy.count = of(end - above);
  copy.below = of(lines - end);
  copy.left = of(first * lanes);
  copy.inside = of((last - first) * lanes);
  copy.right = of((width - last) * lanes);
  copy.outside = outside_;
  bytes_->stage[signed_](copy);
}

void ByteStage::fill(std::byte* to, std::int64_t lanes) const {
  if (lanes == 0) return;
  kernels_->move[bytes_->word / 2].fill(to, &outside_, static_cast<std::size_t>(lanes));
}

void ByteStage::turn_line(const std::byte* source, std::int64_t unit, std::int64_t line,
                          std::int64_t column, std::int64_t width, std::byte* to,
                          std::byte* turned) const {
  const std::int64_t points = y_.in * x_.in;
  const auto word = static_cast<std::int64_t>(bytes_->word);
  const std::int64_t first = std::clamp<std::int64_t>(-column, 0, width);
  const std::int64_t end = std::clamp(x_.in - column, first, width);
  const std::int64_t at = line * x_.in + column + first, count = end - first;
  fill(to, first * kChannelBlock);
  fill(to + end * kChannelBlock * word, (width - end) * kChannelBlock);
  if (count == 0) return;
  // What fills the last block stays as it was and meets weights of 0.
  const std::int64_t planes = std::min(kChannelBlock, from_.channels - unit * kChannelBlock);
  kernels_->move[0].transpose(turned, kChannelBlock, source + unit * kChannelBlock * points + at,
                              points, static_cast<std::size_t>(count),
                              static_cast<std::size_t>(planes));
  bytes_->words[signed_](to + first * kChannelBlock * word, turned,
                         static_cast<std::size_t>(count * kChannelBlock));
}

}  // namespace rdu::cpu
