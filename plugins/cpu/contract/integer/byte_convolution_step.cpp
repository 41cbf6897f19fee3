// Convolutions of bytes on kernels of our own. A piece of the results at a time: the part of the source under it is staged
// as words with its borders filled in, unless it can be read where it lies; then all panels of output channels pass over it.
#include <algorithm>
#include <cstring>

#include "plugins/cpu/access/integer.hpp"
#include "plugins/cpu/contract/channel_blocks.hpp"
#include "plugins/cpu/contract/contract_step.hpp"
#include "plugins/cpu/contract/integer/byte_weights.hpp"
#include "plugins/cpu/contract/share.hpp"

namespace rdu::cpu {
namespace {

constexpr std::int64_t kStageBytes = 48
                                     << 10;  // of a piece: about what the first-level cache holds
constexpr std::int64_t kPanelBytes = 24 << 10;
constexpr std::int64_t kTaskCycles = 3000;  // what a task is worth
constexpr std::int64_t kLeastColumns = 24;  // of a piece
constexpr std::size_t kMostRun = 16;        // quads

ByteSpan span_of(const ConvolutionShape& s, std::uint32_t d) {
  return {s.in[d], s.out[d], s.kernel[d], s.stride[d], s.dilation[d], s.pad[d]};
}

class ByteConvolutionStep : public Step {
 public:
  ByteConvolutionStep(const BuildContext& context, const rdu_node& node,
                      const ByteConvolution& convolution)
      : kernels_(context.kernels),
        bytes_(select_integers(context.kernels).bytes),
        match_(convolution.match),
        depthwise_(convolution.match.depthwise()),
        source_(context.places.place_of(match_.source)),
        destination_(context.places.place_of(match_.destination)),
        blocked_result_(context.places.blocked(match_.destination)),
        blocks_(channel_blocks(match_.channels())) {
    take_shape();
    take_results(context, convolution);
    const ByteWeights weights(convolution, bytes_);
    choose_layouts(context, convolution, weights);
    cut(weights);
    pack(*context.packed, weights);
    list_offsets(weights);
    take_parameters(context, node, convolution, weights);
  }

  plugin::Status run(const Run& run) const override {
    for_each_task(run, tasks_, [&](std::int64_t task, std::byte* workspace) {
      const std::int64_t end = share(units_, task + 1, tasks_);
      for (std::int64_t u = share(units_, task, tasks_); u < end; ++u) run_unit(run, u, workspace);
    });
    return {};
  }

  std::uint64_t workspace_bytes() const override {
    return (direct_ ? 0 : stage_.memory_bytes(staged_units())) +
           (blocked_result_ ? 0 : align_up(result_blocks() * piece_points() * point_bytes(), 64));
  }
  std::uint64_t resident_bytes() const override { return resident_; }
  bool parallel() const override { return tasks_ > 1; }

 private:
  struct Panel {
    std::int64_t first = 0, blocks = 1;
    const std::byte* words = nullptr;
  };

  std::int64_t point_bytes() const { return kChannelBlock * result_bytes_; }
  std::int64_t piece_points() const { return piece_lines_ * piece_columns_; }
  // Of one unit of work: a depthwise convolution has one block.
  std::int64_t staged_units() const { return depthwise_ ? 1 : layout_.units(); }
  std::int64_t result_blocks() const { return depthwise_ ? 1 : blocks_; }

  // A product of channels has one line of all points.
  void take_shape() {
    const std::uint32_t last = match_.shape.spatial - 1;
    x_ = span_of(match_.shape, last);
    if (last == 1) y_ = span_of(match_.shape, 0);
    if (match_.pointwise()) {
      x_.in = x_.out = match_.points();
      y_ = {};
    }
  }

  void take_results(const BuildContext& context, const ByteConvolution& convolution) {
    result_bytes_ = convolution.results.dtype == RDU_DTYPE_F32 ? 4 : 1;
    result_image_ = blocked_result_
                        ? channel_blocks(context.places.block_channels(match_.destination)) *
                              kChannelBlock * match_.points()
                        : match_.destination_image;
  }

  void choose_layouts(const BuildContext& context, const ByteConvolution& convolution,
                      const ByteWeights& weights) {
    const std::int64_t channels = match_.source_channels();
    const bool blocked = context.places.blocked(match_.source);
    const ByteLayout from{blocked, channels}, planes{false, channels};
    source_image_ = blocked ? channel_blocks(context.places.block_channels(match_.source)) *
                                  kChannelBlock * match_.source_points()
                            : channels * match_.source_points();
    layout_ = {true, channels};
    if (!blocked && !depthwise_ && x_.dilation == 1 &&
        weights.quads(planes) <= weights.quads(layout_)) {
      layout_ = planes;
    }
    const bool as_words = bytes_.word == 1 && !(convolution.signed_source && bytes_.moves_signed);
    direct_ = blocked && as_words && !depthwise_ && y_.inside() && x_.inside();
    stage_ = ByteStage(kernels_, bytes_, y_, x_, from, layout_, convolution.signed_source,
                       convolution.source_zero);
  }

  // Pieces are lines, or parts of the one line that there is. Their number depends on the shape alone.
  void cut(const ByteWeights& weights) {
    const std::int64_t points = y_.out * x_.out;
    const std::int64_t quads =
        depthwise_ ? y_.taps * ceil_div(x_.taps, 4) * weights.passes() * 3 : weights.quads(layout_);
    const std::int64_t cycles = match_.images * points * blocks_ * (quads * 2 / 3 + 8);
    tasks_ = std::clamp<std::int64_t>(cycles / kTaskCycles, 1, kMostTasks);
    tasks_ &= ~std::int64_t{tasks_ > 2};
    const std::int64_t others = match_.images * (depthwise_ ? blocks_ : 1);
    stage_.size(y_.out, x_.out);
    const std::int64_t bytes = staged_units() * stage_.unit_step();
    std::int64_t pieces = std::max(ceil_div(bytes, kStageBytes), ceil_div(tasks_, others));
    if (tasks_ > others && pieces % 2 != 0) ++pieces;
    along_line_ = y_.out == 1;
    const std::int64_t most =
        along_line_ ? std::max<std::int64_t>(x_.out / kLeastColumns, 1) : y_.out;
    pieces_ = std::clamp<std::int64_t>(pieces, 1, most);
    piece_lines_ = along_line_ ? 1 : ceil_div(y_.out, pieces_);
    piece_columns_ = along_line_ ? ceil_div(x_.out, pieces_) : x_.out;
    stage_.size(piece_lines_, piece_columns_);
    units_ = others * pieces_;
    tasks_ = std::min(tasks_, units_);
    if (direct_) {
      line_step_ = x_.in * kChannelBlock;
      unit_step_ = match_.source_points() * kChannelBlock;
    } else {
      line_step_ = stage_.line_step();
      unit_step_ = stage_.unit_step();
    }
  }

  void pack(PackedMemory& memory, const ByteWeights& weights) {
    if (depthwise_) {
      block_words_ = weights.depthwise_bytes();
      std::byte* words = take(memory, blocks_ * block_words_);
      for (std::int64_t b = 0; b < blocks_; ++b)
        weights.pack_depthwise(b, words + b * block_words_);
      panels_.push_back({0, 1, words});
      return;
    }
    // A panel that stays in the first-level cache meets all tiles of a line; two blocks keep the products ahead of the loads.
    const auto widest = static_cast<std::int64_t>(bytes_.blocks);
    const std::int64_t fit = kPanelBytes / (weights.quads(layout_) * kChannelBlock * 4);
    const std::int64_t most =
        std::clamp<std::int64_t>(fit, std::min<std::int64_t>(2, widest), widest);
    const std::int64_t count = ceil_div(blocks_, most);
    for (std::int64_t p = 0; p < count; ++p) {
      const std::int64_t first = share(blocks_, p, count);
      const std::int64_t blocks = share(blocks_, p + 1, count) - first;
      std::byte* words = take(memory, weights.quads(layout_) * blocks * kChannelBlock * 4);
      weights.pack(layout_, first * kChannelBlock, blocks * kChannelBlock, words);
      panels_.push_back({first, blocks, words});
    }
  }

  std::byte* take(PackedMemory& memory, std::int64_t bytes) {
    resident_ += static_cast<std::uint64_t>(bytes);
    return static_cast<std::byte*>(memory.take(static_cast<std::uint64_t>(bytes)));
  }

  void list_offsets(const ByteWeights& weights) {
    const auto word = static_cast<std::int64_t>(bytes_.word);
    for (std::int64_t pass = 0; pass < weights.passes(); ++pass) {
      for (std::int64_t unit = 0; unit < staged_units(); ++unit) {
        for (std::int64_t ky = 0; ky < y_.taps; ++ky) {
          const std::int64_t row = unit * unit_step_ + ky * y_.dilation * line_step_;
          if (depthwise_) {
            rows_.push_back(row);
            continue;
          }
          for (std::int64_t kx = 0; kx < (layout_.blocked ? x_.taps : 1); ++kx) {
            const std::int64_t tap = row + kx * x_.dilation * kChannelBlock * word;
            for (std::int64_t q = 0; q < weights.quads(layout_, unit); ++q) {
              offsets_.push_back(static_cast<std::int32_t>(tap + q * 4));
            }
          }
        }
      }
    }
    run_ = kMostRun;
    while (!offsets_.empty() && !runs_of(run_)) --run_;
  }

  bool runs_of(std::size_t quads) const {
    if (offsets_.size() % quads != 0) return false;
    for (std::size_t q = 0; q < offsets_.size(); ++q) {
      const std::size_t within = q % quads;
      if (offsets_[q] != offsets_[q - within] + static_cast<std::int32_t>(4 * within)) return false;
    }
    return true;
  }

  // sum (x - zero) w = sum x·w - zero · sum w, in arithmetic that wraps.
  void take_parameters(const BuildContext& context, const rdu_node& node,
                       const ByteConvolution& convolution, const ByteWeights& weights) {
    parameters_ = ByteParameters(context, node, convolution);
    const bool moves = convolution.signed_source && bytes_.moves_signed;
    const auto zero = static_cast<std::uint32_t>(convolution.source_zero + (moves ? 128 : 0));
    const double most = 255 + std::abs(double(convolution.source_zero));  // of x - zero
    for (std::int64_t c = 0; c < match_.channels(); ++c) {
      parameters_.add(c, 0 - zero * weights.sum(c), most * weights.magnitude(c));
    }
  }

  BytePiece piece_of(std::int64_t number) const {
    if (along_line_) {
      const std::int64_t first = share(x_.out, number, pieces_);
      return {0, 1, first, share(x_.out, number + 1, pieces_) - first};
    }
    const std::int64_t first = share(y_.out, number, pieces_);
    return {first, share(y_.out, number + 1, pieces_) - first, 0, x_.out};
  }

  // A piece of an image; of a depthwise convolution, of one block.
  void run_unit(const Run& run, std::int64_t unit, std::byte* workspace) const {
    const BytePiece piece = piece_of(unit % pieces_);
    const std::int64_t others = unit / pieces_;
    const std::int64_t image = depthwise_ ? others / blocks_ : others;
    const std::int64_t first = depthwise_ ? others % blocks_ : 0;
    const std::byte* source = run.at(source_) + image * source_image_;
    if (direct_) {
      source += (piece.line * y_.stride * x_.in + piece.column * x_.stride) * kChannelBlock;
    } else {
      stage_.load(source, piece, first, staged_units(), workspace);
      source = workspace;
    }
    std::byte* result =
        run.at(destination_) + (match_.destination_base + image * result_image_) * result_bytes_;
    if (blocked_result_) {
      result += (first * match_.points() + piece.line * x_.out + piece.column) * point_bytes();
      return multiply(source, piece, first, result, match_.points(), x_.out);
    }
    std::byte* blocks = workspace + (direct_ ? 0 : stage_.memory_bytes(staged_units()));
    multiply(source, piece, first, blocks, piece_points(), piece.columns);
    store_planes(blocks, piece, first, result);
  }

  // Results lie in blocks of `points`, lines `pitch` points apart.
  void multiply(const std::byte* source, const BytePiece& piece, std::int64_t first,
                std::byte* result, std::int64_t points, std::int64_t pitch) const {
    if (depthwise_) return multiply_depthwise(source, piece, first, result, pitch);
    ByteLine line{};
    line.source_step = x_.stride * layout_.lanes() * static_cast<std::int64_t>(bytes_.word);
    line.offsets = offsets_.data();
    line.quads = offsets_.size();
    line.run = run_;
    line.count = static_cast<std::size_t>(piece.columns);
    line.out_block = points * point_bytes();
    for (const Panel& panel : panels_) {
      line.panel = panel.words;
      line.blocks = static_cast<std::size_t>(panel.blocks);
      line.results = parameters_.results_of(panel.first);
      for (std::int64_t y = 0; y < piece.lines; ++y) {
        line.source = source + y * y_.stride * line_step_;
        line.out = result + (panel.first * points + y * pitch) * point_bytes();
        bytes_.line(line);
      }
    }
  }

  void multiply_depthwise(const std::byte* source, const BytePiece& piece, std::int64_t block,
                          std::byte* result, std::int64_t pitch) const {
    ByteDepthwiseLine line{};
    line.rows = rows_.data();
    line.num_rows = rows_.size();
    line.taps = static_cast<std::size_t>(x_.taps);
    line.stride = x_.stride;
    line.dilation = x_.dilation;
    line.weights = panels_[0].words + block * block_words_;
    line.count = static_cast<std::size_t>(piece.columns);
    line.results = parameters_.results_of(block);
    for (std::int64_t y = 0; y < piece.lines; ++y) {
      line.source = source + y * y_.stride * line_step_;
      line.out = result + y * pitch * point_bytes();
      bytes_.depthwise_line(line);
    }
  }

  void store_planes(const std::byte* blocks, const BytePiece& piece, std::int64_t first,
                    std::byte* result) const {
    const std::int64_t end = std::min(match_.channels(), (first + result_blocks()) * kChannelBlock);
    const auto points = static_cast<std::size_t>(piece.lines * piece.columns);
    const std::int64_t at = piece.line * x_.out + piece.column;
    for (std::int64_t c = first * kChannelBlock; c < end; c += kChannelBlock) {
      const auto channels = static_cast<std::size_t>(std::min(kChannelBlock, end - c));
      kernels_.move[result_bytes_ / 2].transpose(
          result + (c * match_.points() + at) * result_bytes_, match_.points(),
          blocks + (c / kChannelBlock - first) * piece_points() * point_bytes(), kChannelBlock,
          channels, points);
    }
  }

  const Kernels& kernels_;
  const ByteKernels& bytes_;
  const ConvolutionMatch match_;
  const bool depthwise_;
  const Place source_, destination_;
  const bool blocked_result_;
  const std::int64_t blocks_;
  ByteSpan y_, x_;
  ByteParameters parameters_;
  std::int64_t result_bytes_ = 1, result_image_ = 0, source_image_ = 0;
  ByteLayout layout_;
  bool direct_ = false;
  ByteStage stage_;
  bool along_line_ = false;
  std::int64_t pieces_ = 1, piece_lines_ = 1, piece_columns_ = 1, units_ = 1, tasks_ = 1;
  std::int64_t line_step_ = 0, unit_step_ = 0;
  std::vector<Panel> panels_;
  std::int64_t block_words_ = 0;
  std::uint64_t resident_ = 0;
  std::vector<std::int32_t> offsets_;  // of quads
  std::size_t run_ = 1;                // of them follow each other
  std::vector<std::int64_t> rows_;     // of taps, of a depthwise convolution
};

}  // namespace

std::unique_ptr<Step> make_byte_convolution_step(const BuildContext& context,
                                                 const rdu_node& node) {
  const auto convolution = match_byte_convolution(context, node);
  if (!convolution) return nullptr;
  return std::make_unique<ByteConvolutionStep>(context, node, *convolution);
}

}  // namespace rdu::cpu
