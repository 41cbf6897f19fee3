// Lines are staged once for all panels of a task; passes are the phases of a transposed convolution.
#include "plugins/cpu/contract/bf16/convolution.hpp"

#include <algorithm>
#include <cstring>

namespace rdu::cpu {
namespace {

constexpr std::int64_t kTileSide = 16;  // rows that a tile's cost is counted in

std::int64_t bytes_of(rdu_dtype dtype) { return dtype == RDU_DTYPE_BF16 ? 2 : 4; }

std::vector<WindowPhase> phases_of(const ConvolutionShape& shape, bool along_x) {
  if (shape.spatial == 2) return window_phases(shape, along_x ? 1 : 0);
  if (along_x) return window_phases(shape, 0);
  return {{0, 1, 1, 1, {{0, 0}}}};
}

// The first input that any tap of the first outputs meets, and how many positions the taps span.
void reach_of(const std::vector<WindowPhase>& phases, std::int64_t& first, std::int64_t& reach) {
  std::int64_t last = first = 0;
  bool any = false;
  for (const WindowPhase& phase : phases) {
    for (const WindowPhase::Tap& tap : phase.taps) {
      first = any ? std::min(first, tap.offset) : tap.offset;
      last = any ? std::max(last, tap.offset) : tap.offset;
      any = true;
    }
  }
  reach = last - first + 1;
}

std::int64_t most_outputs(const std::vector<WindowPhase>& phases) {
  std::int64_t most = 0;
  for (const WindowPhase& phase : phases) most = std::max(most, phase.count);
  return most;
}

}  // namespace

NarrowConvolution::NarrowConvolution(const BuildContext& context, const ConvolutionMatch& match,
                                     const NarrowOperands& operands)
    : kernels_(context.kernels),
      shape_(match.shape),
      strides_(match.weights),
      source_dtype_(operands.places.first.dtype),
      weight_dtype_(operands.places.second.dtype),
      channels_last_(context.places.channels_last(match.source)),
      product_(context.kernels, operands.narrow, match.shape.outputs),
      y_(phases_of(match.shape, false)),
      x_(phases_of(match.shape, true)),
      in_y_(match.shape.spatial == 2 ? match.shape.in[0] : 1),
      in_x_(match.shape.in[match.shape.spatial - 1]),
      kernel_y_(match.shape.spatial == 2 ? match.shape.kernel[0] : 1),
      kernel_x_(match.shape.kernel[match.shape.spatial - 1]) {
  reach_of(y_, first_y_, reach_y_);
  reach_of(x_, first_x_, reach_x_);
  const std::int64_t across = (most_outputs(x_) - 1) * x_.front().advance + reach_x_;
  const std::int64_t down = (lines() - 1) * y_.front().advance + reach_y_;
  choose_rows(first_x_ >= 0 && first_y_ >= 0 && first_x_ + across <= in_x_ &&
              first_y_ + down <= in_y_);
  pitch_ = in_place_ ? in_x_ : expands_ ? most_outputs(x_) : across;
  make_passes();
}

std::int64_t NarrowConvolution::lines() const { return most_outputs(y_); }

std::int64_t NarrowConvolution::products() const {
  std::int64_t products = 0;
  for (const WindowPhase& y : y_) {
    for (const WindowPhase& x : x_) {
      products += y.count * x.count * static_cast<std::int64_t>(y.taps.size() * x.taps.size());
    }
  }
  return products * shape_.channels * shape_.outputs;
}

// Where padded channels would be more steps, a position holds what all taps of x meet, if that is no much longer copy.
void NarrowConvolution::choose_rows(bool source_fits) {
  const std::int64_t channels = shape_.channels, run = kernel_x_ * channels;
  position_ = product_.whole_units(channels);
  const bool plain = !shape_.transposed && shape_.dilation[shape_.spatial - 1] == 1;
  const std::int64_t expanded = product_.whole_units(run);
  expands_ =
      plain && expanded < kernel_x_ * position_ && expanded <= 2 * x_.front().advance * position_;
  if (expands_) position_ = product_.whole_units(run);
  in_place_ = !expands_ && source_fits && channels_last_ && product_.takes(source_dtype_) &&
              position_ == channels;
}

void NarrowConvolution::make_passes() {
  for (std::size_t y = 0; y < y_.size(); ++y) {
    for (std::size_t x = 0; x < x_.size(); ++x) {
      Pass pass{y, x, {}};
      for (const WindowPhase::Tap& down : y_[y].taps) {
        const std::int64_t line = (down.offset - first_y_) * pitch_ * position_;
        if (expands_) {
          pass.chunks.add(line, down.index * position_, position_);
          continue;
        }
        for (const WindowPhase::Tap& across : x_[x].taps) {
          pass.chunks.add(line + (across.offset - first_x_) * position_,
                          (down.index * kernel_x_ + across.index) * position_, position_);
        }
      }
      passes_.push_back(std::move(pass));
    }
  }
  steps_ = kernel_y_ * (expands_ ? 1 : kernel_x_) * position_;
}

void NarrowConvolution::pack(PackedMemory& memory, const void* weights) {
  const std::int64_t last = product_.panels() - 1, element = product_.element_bytes();
  packed_bytes_ = static_cast<std::uint64_t>(product_.offset(last, steps_) +
                                             product_.width(last) * steps_ * element);
  const PackedLayout layout =
      layout_of("narrow window", {element, product_.width(0), product_.panels(), steps_, position_,
                                  kernel_y_, kernel_x_, expands_ ? 1 : 0, weight_dtype_});
  packed_ = memory.pack(layout, packed_bytes_, [&](std::byte* to) { fill(weights, to); });
}

void NarrowConvolution::fill(const void* weights, std::byte* packed) const {
  const std::int64_t last = product_.panels() - 1, element = product_.element_bytes();
  const std::int64_t stored = bytes_of(weight_dtype_);
  const MoveKernels& move = kernels_.move[stored == 2 ? 1 : 2];
  std::vector<std::byte> row(static_cast<std::size_t>(steps_ * stored));
  std::vector<std::byte> columns(
      static_cast<std::size_t>(NarrowProduct::kMostColumns * steps_ * element));
  const bool flat = shape_.spatial == 1;
  const std::int64_t step_y = flat ? 0 : strides_.kernel[0], step_x = strides_.kernel[flat ? 0 : 1];
  const std::int64_t tap = expands_ ? shape_.channels : position_;
  for (std::int64_t p = 0; p <= last; ++p) {
    for (std::int64_t c = 0; c < product_.columns(p); ++c) {
      const std::byte* from = static_cast<const std::byte*>(weights) +
                              (product_.first(p) + c) * strides_.output * stored;
      for (std::int64_t y = 0; y < kernel_y_; ++y) {
        std::byte* line = row.data() + y * (expands_ ? position_ : kernel_x_ * position_) * stored;
        const std::byte* taps = from + y * step_y * stored;
        if (step_x == 1 || kernel_x_ == 1) {
          move.transpose(line, tap, taps, strides_.channel, static_cast<std::size_t>(kernel_x_),
                         static_cast<std::size_t>(shape_.channels));
          continue;
        }
        for (std::int64_t x = 0; x < kernel_x_; ++x) {
          move.gather(line + x * tap * stored, taps + x * step_x * stored, strides_.channel,
                      static_cast<std::size_t>(shape_.channels));
        }
      }
      product_.convert(columns.data() + c * steps_ * element, row.data(), weight_dtype_, steps_,
                       steps_);
    }
    product_.pack(packed + product_.offset(p, steps_), p, columns.data(), steps_, steps_);
  }
}

std::int64_t NarrowConvolution::spare_bytes() const {
  const std::int64_t positions = expands_ ? (pitch_ - 1) * x_.front().advance + kernel_x_ : 0;
  return (2 * in_x_ + positions) * shape_.channels * 4;
}

std::int64_t NarrowConvolution::stage_bytes(std::int64_t lines) const {
  if (in_place_) return 0;
  return staged_lines(lines) * line_elements() * product_.element_bytes() + spare_bytes();
}

void NarrowConvolution::stage(const std::byte* source, std::int64_t image, Lines& lines,
                              std::byte* memory) const {
  const std::int64_t bytes = bytes_of(source_dtype_);
  source += image * shape_.channels * in_y_ * in_x_ * bytes;
  const std::int64_t first = lines.first * y_.front().advance + first_y_;
  if (in_place_) {
    lines.staged = source + (first * in_x_ + first_x_) * shape_.channels * bytes;
    return;
  }
  lines.staged = memory;
  const std::int64_t count = staged_lines(lines.end - lines.first);
  const std::int64_t line_bytes = line_elements() * product_.element_bytes();
  for (std::int64_t l = 0; l < count; ++l) {
    stage_line(source, first + l, memory + l * line_bytes, memory + count * line_bytes);
  }
}

void NarrowConvolution::stage_line(const std::byte* image, std::int64_t line, std::byte* to,
                                   std::byte* spare) const {
  const std::int64_t channels = shape_.channels, element = product_.element_bytes();
  const std::int64_t bytes = bytes_of(source_dtype_), advance = x_.front().advance;
  if (line < 0 || line >= in_y_) {
    std::memset(to, 0, static_cast<std::size_t>(line_elements() * element));
    return;
  }
  // Positions of the plain line: expanded from there.
  const std::int64_t positions = expands_ ? (pitch_ - 1) * advance + kernel_x_ : pitch_;
  const std::int64_t position = expands_ ? channels : position_;
  std::byte* plain = expands_ ? spare + in_x_ * channels * 4 : to;
  const std::int64_t begin = std::clamp<std::int64_t>(first_x_, 0, in_x_);
  const std::int64_t end = std::clamp<std::int64_t>(first_x_ + positions, begin, in_x_);
  const std::int64_t left = std::min(begin - first_x_, positions), inside = end - begin;
  const std::byte* from = image + (line * in_x_ + begin) * channels * bytes;
  if (!channels_last_) {
    kernels_.move[bytes == 2 ? 1 : 2].transpose(
        spare, channels, image + (line * in_x_ + begin) * bytes, in_y_ * in_x_,
        static_cast<std::size_t>(inside), static_cast<std::size_t>(channels));
    from = spare;
  }
  const std::int64_t step = position * element;
  std::memset(plain, 0, static_cast<std::size_t>(left * step));
  std::memset(plain + (left + inside) * step, 0,
              static_cast<std::size_t>((positions - left - inside) * step));
  const std::int64_t whole = inside * channels;
  if (position == channels) {
    product_.convert(plain + left * step, from, source_dtype_, whole, whole);
  } else {
    std::byte* dense = spare + (in_x_ + (expands_ ? positions : 0)) * channels * 4;
    product_.convert(dense, from, source_dtype_, whole, whole);
    const auto taken = static_cast<std::size_t>(channels * element);
    const auto rest = static_cast<std::size_t>(step) - taken;
    std::byte* at = plain + left * step;
    for (std::int64_t x = 0; x < inside; ++x, at += step) {
      std::memcpy(at, dense + x * channels * element, taken);
      std::memset(at + taken, 0, rest);
    }
  }
  if (!expands_) return;
  const auto run = static_cast<std::size_t>(kernel_x_ * channels * element);
  const auto rest = static_cast<std::size_t>(position_ * element) - run;
  for (std::int64_t x = 0; x < pitch_; ++x, to += position_ * element) {
    std::memcpy(to, plain + x * advance * step, run);
    std::memset(to + run, 0, rest);
  }
}

void NarrowConvolution::run(std::int64_t panel, const Lines& lines, float* sums,
                            FunctionRef<void(const Result&)> use) const {
  for (const Pass& pass : passes_) run_pass(pass, panel, lines, sums, use);
}

// Rows run on from line to line, through positions that are no outputs, where that makes fewer tiles.
void NarrowConvolution::run_pass(const Pass& pass, std::int64_t panel, const Lines& lines,
                                 float* sums, FunctionRef<void(const Result&)> use) const {
  const WindowPhase &y = y_[pass.y], &x = x_[pass.x];
  const std::int64_t count = std::min(lines.end, y.count) - lines.first, outputs = x.count;
  if (count <= 0 || outputs <= 0) return;
  const std::int64_t advance = expands_ ? 1 : x.advance, width = product_.width(panel);
  const std::int64_t element = product_.element_bytes(), most = product_.sum_rows();
  const std::int64_t all = (count - 1) * pitch_ + outputs;
  const std::int64_t side = product_.unit() > 2 ? kTileSide : 1;
  const bool flows = y.advance == 1 && advance == 1 &&
                     ceil_div(all, side) * side <= count * (ceil_div(outputs, side) * side + 2);
  const std::int64_t walks = flows ? 1 : count, rows = flows ? all : outputs;
  const std::int64_t line = flows ? pitch_ : outputs;
  const std::byte* packed = packed_ + product_.offset(panel, steps_);
  for (std::int64_t walk = 0; walk < walks; ++walk) {
    const std::byte* from = lines.staged + walk * y.advance * line_elements() * element;
    for (std::int64_t begin = 0; begin < rows; begin += most) {
      const std::int64_t end = std::min(rows, begin + most);
      product_.multiply(from + begin * advance * position_ * element, advance * position_, packed,
                        panel, pass.chunks, end - begin, sums);
      for (std::int64_t r = begin; r < end;) {
        const std::int64_t q = walk + r / line, at = r % line;
        const std::int64_t part = std::min(end - r, (at < outputs ? outputs : line) - at);
        if (at < outputs) {
          use({y.first + y.step * (lines.first + q), x.first + x.step * at, part,
               sums + (r - begin) * width});
        }
        r += part;
      }
    }
  }
}

}  // namespace rdu::cpu
