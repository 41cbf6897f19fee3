// A task takes a band of lines through all nodes of the chain, the wide values a panel of channels at a time; they never
// leave the second-level cache. Lines that two bands need are made twice.
#include <algorithm>

#include "plugins/cpu/access/integer.hpp"
#include "plugins/cpu/contract/channel_bias.hpp"
#include "plugins/cpu/contract/depthwise_lines.hpp"
#include "plugins/cpu/contract/separable/chain.hpp"
#include "plugins/cpu/contract/separable/product.hpp"
#include "plugins/cpu/contract/share.hpp"
#include "plugins/cpu/contract/start_access.hpp"

namespace rdu::cpu {
namespace {

constexpr std::int64_t kBandBytes = 512 << 10;  // that a band touches
constexpr std::int64_t kFewestBands = 4;

class SeparableStep : public Step {
 public:
  SeparableStep(const BuildContext& context, const SeparableChain& chain)
      : kernels_(context.kernels),
        chain_(chain),
        project_extents_(scope_of(context, last_node(context)).extents),
        num_parallel_(last_node(context).num_parallel),
        source_(context.places.place_of(chain.source())),
        destination_(context.places.place_of(chain.result)),
        source_image_(image_of(context, chain.source(), source_points())),
        destination_image_(image_of(context, chain.result, chain.project.points())),
        depthwise_(context, node(context, chain.end_node - 2), chain.depthwise) {
    cut();
    if (chain.expand) {
      const rdu_node& first = node(context, chain.first_node);
      expand_.emplace(context, first, *chain.expand, source_points() * kChannelBlock);
      take_wide(context, first, chain.expand->output_loop, expanded_);
    }
    project_.emplace(context, last_node(context), chain.project, band_block());
    take_wide(context, node(context, chain.end_node - 2), chain.depthwise.group_loop, filtered_);
    take_last(context, last_node(context));
  }

  plugin::Status run(const Run& run) const override {
    for_each_task(run, chain_.depthwise.images * bands_, [&](std::int64_t task, std::byte* memory) {
      run_band(run, task / bands_, task % bands_, reinterpret_cast<float*>(memory));
    });
    return {};
  }

  std::uint64_t workspace_bytes() const override {
    return band_bytes_ + (epilogue_.empty() ? 0 : epilogue_.workspace_bytes());
  }
  std::uint64_t resident_bytes() const override {
    const std::int64_t floats =
        project_->panels().floats() + (expand_ ? expand_->panels().floats() : 0);
    return depthwise_.resident_bytes() + static_cast<std::uint64_t>(floats) * sizeof(float);
  }
  bool parallel() const override { return true; }

 private:
  static const rdu_node& node(const BuildContext& context, std::uint32_t n) {
    return context.graph.nodes()[n];
  }
  const rdu_node& last_node(const BuildContext& context) const {
    return node(context, chain_.end_node - 1);
  }
  std::int64_t source_points() const { return chain_.depthwise.source_points(); }
  static std::int64_t image_of(const BuildContext& context, std::uint32_t value,
                               std::int64_t points) {
    return whole_blocks(context.places.block_channels(value)) * points;
  }

  // What is left of the last node's epilogue, its bias and its residual taken off.
  void take_last(const BuildContext& context, const rdu_node& last) {
    const ConvolutionMatch& match = chain_.project;
    if (const auto sum = match_sum_epilogue(context, last)) {
      bool all = true;
      for (std::uint32_t i = 0; i < sum->num_reads; ++i) {
        const rdu_read& read = context.graph.reads(last)[sum->reads[i]];
        all = all && (take_start(context, last, read) ||
                      (!context.places.blocked(read.value) &&
                       project_bias_.take(lower_read(scope_of(context, last), read),
                                          match.output_loop, false, match.shape.outputs)));
      }
      if (all) {
        project_post_ = sum->post;
        return;
      }
      project_bias_.drop();
      start_.reset();
    }
    const bool split = match.shape.outputs % kChannelBlock == 0 && match.output_loop != kMaxLoops;
    const std::uint32_t image =
        match.image_loop == kMaxLoops ? 0 : std::uint32_t{1} << match.image_loop;
    epilogue_ = BoxEpilogue(context, last, image, [&](const Access& access) {
      return project_bias_.take(access, match.output_loop, split, match.shape.outputs);
    });
    activation_ = epilogue_.only_activation(kernels_);
    if (activation_) epilogue_ = {};
  }

  bool take_start(const BuildContext& context, const rdu_node& last, const rdu_read& read) {
    if (start_) return false;
    start_ = match_start(context, last, read, chain_.project.shape.outputs);
    return start_.has_value();
  }

  // What follows the sums of a wide value.
  struct Wide {
    ChannelBias bias;
    PostOp post;
    std::optional<RowActivation> activation;
  };

  void take_wide(const BuildContext& context, const rdu_node& node, std::uint32_t loop,
                 Wide& wide) const {
    const std::int64_t channels = chain_.depthwise.channels();
    const auto sum = match_sum_epilogue(context, node);
    if (!sum) {
      wide.activation = match_channel_activation(context, node, loop, channels, wide.bias);
      return;
    }
    wide.post = sum->post;
    if (sum->num_reads == 0) return;
    const rdu_read& read = context.graph.reads(node)[sum->reads[0]];
    wide.bias.take(lower_read(scope_of(context, node), read), loop, false, channels);
  }

  // Bands of lines of the result, as equal as they can be.
  void cut() {
    const std::int64_t lines = depthwise_.lines(), wide = depthwise_.blocks() * kChannelBlock;
    const std::int64_t stride = chain_.depthwise.shape.stride[0];
    const std::int64_t panel = kernels_.panels.blocks * kChannelBlock;
    const std::int64_t line =
        depthwise_.line() * wide +
        stride * depthwise_.source_line() *
            (chain_.expand ? panel + whole_blocks(chain_.expand->shape.channels) : wide);
    const std::int64_t most = std::max<std::int64_t>(kBandBytes / (line * 4), 1);
    bands_ = std::max(ceil_div(lines, most), std::min(lines / 2, kFewestBands));
    bands_ = std::min(lines, bands_ + bands_ % 2);
    for (std::int64_t b = 0; b < bands_; ++b) {
      const auto band = lines_of(b), read = depthwise_.read_by(band.first, band.end);
      band_lines_ = std::max(band_lines_, band.end - band.first);
      read_lines_ = std::max(read_lines_, read.end - read.first);
    }
    wide_floats_ = chain_.expand ? read_lines_ * depthwise_.source_line() * panel : 0;
    band_bytes_ =
        align_up(static_cast<std::uint64_t>(wide_floats_ + depthwise_.blocks() * band_block()) *
                     sizeof(float),
                 64);
  }

  DepthwiseLines::Lines lines_of(std::int64_t band) const {
    return {share(depthwise_.lines(), band, bands_), share(depthwise_.lines(), band + 1, bands_)};
  }
  // Floats from one block to the next of what the depthwise convolution makes of a band.
  std::int64_t band_block() const { return band_lines_ * depthwise_.line() * kChannelBlock; }

  void run_band(const Run& run, std::int64_t image, std::int64_t band, float* memory) const {
    const auto lines = lines_of(band), read = depthwise_.read_by(lines.first, lines.end);
    const float* source = reinterpret_cast<const float*>(run.at(source_)) + image * source_image_;
    float* filtered = memory + wide_floats_;
    if (!expand_) {
      filter(run, {0, depthwise_.blocks()}, source, source_points() * kChannelBlock, 0, lines,
             filtered);
    } else {
      const std::int64_t line = depthwise_.source_line() * kChannelBlock;
      const std::int64_t wide_block = (read.end - read.first) * line;
      for (std::int64_t p = 0; p < expand_->panels().count(); ++p) {
        widen(run, p, source + read.first * line, wide_block, memory);
        const std::int64_t block = expand_->panels().first(p) / kChannelBlock;
        filter(run, {block, block + expand_->panels().width(p) / kChannelBlock}, memory, wide_block,
               read.first, lines, filtered);
      }
    }
    finish(run, image, lines, filtered, reinterpret_cast<std::byte*>(memory) + band_bytes_);
  }

  // A panel of the wide value's channels.
  void widen(const Run& run, std::int64_t panel, const float* source, std::int64_t wide_block,
             float* wide) const {
    const Panels& panels = expand_->panels();
    float room[2 * kChannelBlock];
    const float* bias = expanded_.bias.load(run, panels.first(panel), panels.columns(panel), room);
    expand_->run(panel, {source, wide_block / kChannelBlock, wide, wide_block, bias, nullptr,
                         expanded_.post});
    if (expanded_.activation) {
      expanded_.activation->run(wide, wide_block, panels.width(panel) / kChannelBlock, wide_block);
    }
  }

  struct Blocks {
    std::int64_t first, end;
  };
  // Blocks of channels through the depthwise convolution. The source begins with line `first_line` of the first of them.
  void filter(const Run& run, const Blocks& blocks, const float* source, std::int64_t source_block,
              std::int64_t first_line, const DepthwiseLines::Lines& lines, float* filtered) const {
    float room[kChannelBlock];
    const std::int64_t line = depthwise_.line() * kChannelBlock;
    for (std::int64_t b = blocks.first; b < blocks.end; ++b) {
      const std::int64_t channel = b * kChannelBlock;
      const std::int64_t channels = std::min(kChannelBlock, chain_.depthwise.channels() - channel);
      const DepthwiseLines::Block block{b, source + (b - blocks.first) * source_block, first_line,
                                        filtered_.bias.load(run, channel, channels, room),
                                        filtered_.post};
      float* out = filtered + b * band_block();
      for (std::int64_t y = lines.first; y < lines.end; ++y, out += line) {
        depthwise_.convolve(block, y, out);
      }
      const std::int64_t floats = (lines.end - lines.first) * line;
      if (filtered_.activation) filtered_.activation->run(out - floats, 0, 1, floats);
    }
  }

  void finish(const Run& run, std::int64_t image, const DepthwiseLines::Lines& lines,
              const float* filtered, std::byte* workspace) const {
    const Panels& panels = project_->panels();
    const std::int64_t points = chain_.project.points(), line = depthwise_.line();
    const std::int64_t offset = image * destination_image_ + lines.first * line * kChannelBlock;
    float* result =
        reinterpret_cast<float*>(run.at(destination_)) + chain_.project.destination_base + offset;
    float room[2 * kChannelBlock];
    for (std::int64_t p = 0; p < panels.count(); ++p) {
      const std::int64_t channel = panels.first(p) * points;
      const float* bias = project_bias_.load(run, panels.first(p), panels.columns(p), room);
      const float* start = nullptr;
      if (start_) {
        start =
            reinterpret_cast<const float*>(run.at(start_->place)) + start_->base + offset + channel;
      }
      project_->run(p, {filtered, (lines.end - lines.first) * line, result + channel,
                        points * kChannelBlock, bias, start, project_post_});
      if (activation_) {
        activation_->run(result + channel, points * kChannelBlock, panels.width(p) / kChannelBlock,
                         (lines.end - lines.first) * line * kChannelBlock);
      }
    }
    if (!epilogue_.empty()) epilogue_.run(kernels_, run, box(image, lines), workspace);
  }

  // Lines of an image, in the loops that the epilogue walks.
  Box box(std::int64_t image, const DepthwiseLines::Lines& lines) const {
    const ConvolutionMatch& match = chain_.project;
    Box box;
    box.num_loops = num_parallel_;
    for (std::uint32_t l = 0; l < num_parallel_; ++l) box.count[l] = project_extents_[l];
    const auto set = [&](std::uint32_t loop, std::int64_t start, std::int64_t count) {
      if (loop == kMaxLoops) return;
      box.start[loop] = start;
      box.count[loop] = count;
    };
    set(match.image_loop, image, 1);
    set(match.spatial_loop[0], lines.first, lines.end - lines.first);
    const std::uint32_t loop = match.output_loop;
    if (loop == kMaxLoops) return box;
    for (std::uint32_t l = box.num_loops++; l > loop + 1; --l) {
      box.start[l] = box.start[l - 1];
      box.count[l] = box.count[l - 1];
    }
    set(loop, 0, channel_blocks(match.shape.outputs));
    set(loop + 1, 0, kChannelBlock);
    return box;
  }

  const Kernels& kernels_;
  const SeparableChain chain_;
  const LoopArray project_extents_;
  const std::uint32_t num_parallel_;
  const Place source_, destination_;
  const std::int64_t source_image_, destination_image_;
  const DepthwiseLines depthwise_;
  std::optional<ChannelProduct> expand_, project_;
  Wide expanded_, filtered_;
  ChannelBias project_bias_;
  PostOp project_post_;
  std::optional<Access> start_;
  BoxEpilogue epilogue_;  // of the last node, where a sum and a clamp are not all
  std::optional<RowActivation> activation_;  // instead
  std::int64_t bands_ = 1, band_lines_ = 0, read_lines_ = 0, wide_floats_ = 0;
  std::uint64_t band_bytes_ = 0;
};

}  // namespace

std::unique_ptr<Step> make_separable_step(const BuildContext& context,
                                          const SeparableChain& chain) {
  return std::make_unique<SeparableStep>(context, chain);
}

}  // namespace rdu::cpu
