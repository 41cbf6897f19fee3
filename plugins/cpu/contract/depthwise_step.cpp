// Depthwise convolutions of values in blocks of channels: line by line on a kernel of our own. What follows the sum runs
// over a few lines at a time, while they are in L1.
#include <algorithm>

#include "plugins/cpu/access/integer.hpp"
#include "plugins/cpu/contract/channel_bias.hpp"
#include "plugins/cpu/contract/contract_step.hpp"
#include "plugins/cpu/contract/depthwise_lines.hpp"
#include "plugins/cpu/contract/share.hpp"
#include "plugins/cpu/contract/sum_epilogue.hpp"

namespace rdu::cpu {
namespace {

constexpr std::int64_t kPieceElements = 4096;  // of results, before what follows the sum

class DepthwiseStep : public Step {
 public:
  DepthwiseStep(const BuildContext& context, const rdu_node& node, const ConvolutionMatch& match)
      : kernels_(context.kernels),
        match_(match),
        num_parallel_(node.num_parallel),
        extents_(scope_of(context, node).extents),
        source_(context.places.place_of(match.source)),
        destination_(context.places.place_of(match.destination)),
        depthwise_(context, node, match),
        blocks_(depthwise_.blocks()) {
    source_image_ = image_of(context, match.source, match.source_points());
    destination_image_ = image_of(context, match.destination, match.points());
    take_epilogue(context, node);
    const std::int64_t lines = depthwise_.lines();
    lines_ =
        std::clamp<std::int64_t>(kPieceElements / (depthwise_.line() * kChannelBlock), 1, lines);
    units_ = match.images * blocks_ * ceil_div(lines, lines_);
    tasks_ = std::min(units_, tasks_for(4 * match.images * blocks_ * kChannelBlock *
                                        match.points() * depthwise_.taps()));
  }

  plugin::Status run(const Run& run) const override {
    for_each_task(run, tasks_, [&](std::int64_t task, std::byte* workspace) {
      const std::int64_t end = share(units_, task + 1, tasks_);
      for (std::int64_t u = share(units_, task, tasks_); u < end; ++u) run_unit(run, u, workspace);
    });
    return {};
  }

  std::uint64_t workspace_bytes() const override {
    return epilogue_.empty() ? 0 : epilogue_.workspace_bytes();
  }
  std::uint64_t resident_bytes() const override { return depthwise_.resident_bytes(); }
  bool parallel() const override { return tasks_ > 1; }

 private:
  std::int64_t image_of(const BuildContext& context, std::uint32_t value,
                        std::int64_t points) const {
    return channel_blocks(context.places.block_channels(value)) * kChannelBlock * points;
  }

  void take_epilogue(const BuildContext& context, const rdu_node& node) {
    if (const auto sum = match_sum_epilogue(context, node); sum && sum->num_reads <= 1) {
      const bool fits = sum->num_reads == 0 || take_plain_bias(context, node, sum->reads[0]);
      if (fits) {
        post_ = sum->post;
        return;
      }
    }
    const bool split = match_.channels() % kChannelBlock == 0;
    const std::uint32_t image =
        match_.image_loop == kMaxLoops ? 0 : std::uint32_t{1} << match_.image_loop;
    epilogue_ = BoxEpilogue(context, node, image, [&](const Access& access) {
      return bias_.take(access, match_.group_loop, split, match_.channels());
    });
    activation_ = epilogue_.only_activation(kernels_);
    if (activation_) epilogue_ = {};
  }

  bool take_plain_bias(const BuildContext& context, const rdu_node& node, std::uint32_t number) {
    const rdu_read& read = context.graph.reads(node)[number];
    return !context.places.blocked(read.value) &&
           bias_.take(lower_read(scope_of(context, node), read), match_.group_loop, false,
                      match_.channels());
  }

  void run_unit(const Run& run, std::int64_t unit, std::byte* workspace) const {
    const std::int64_t lines = depthwise_.lines(), pieces = ceil_div(lines, lines_);
    const std::int64_t number = unit / pieces % blocks_, image = unit / pieces / blocks_;
    const std::int64_t first = unit % pieces * lines_, end = std::min(lines, first + lines_);
    const std::int64_t channel = number * kChannelBlock;
    float room[kChannelBlock];
    DepthwiseLines::Block block;
    block.number = number;
    block.source = reinterpret_cast<const float*>(run.at(source_)) + image * source_image_ +
                   channel * match_.source_points();
    block.bias =
        bias_.load(run, channel, std::min(match_.channels() - channel, kChannelBlock), room);
    block.post = post_;
    float* out = reinterpret_cast<float*>(run.at(destination_)) + match_.destination_base +
                 image * destination_image_ + channel * match_.points();
    for (std::int64_t y = first; y < end; ++y) {
      depthwise_.convolve(block, y, out + y * depthwise_.line() * kChannelBlock);
    }
    const std::int64_t line = depthwise_.line() * kChannelBlock;
    if (activation_) activation_->run(out + first * line, 0, 1, (end - first) * line);
    if (!epilogue_.empty()) epilogue_.run(kernels_, run, box(image, number, first, end), workspace);
  }

  // Lines of a block, in the loops that the epilogue walks.
  Box box(std::int64_t image, std::int64_t block, std::int64_t first, std::int64_t end) const {
    Box box;
    box.num_loops = num_parallel_;
    for (std::uint32_t l = 0; l < num_parallel_; ++l) box.count[l] = extents_[l];
    const auto set = [&](std::uint32_t loop, std::int64_t start, std::int64_t count) {
      if (loop == kMaxLoops) return;
      box.start[loop] = start;
      box.count[loop] = count;
    };
    set(match_.image_loop, image, 1);
    if (match_.shape.spatial == 2) set(match_.spatial_loop[0], first, end - first);
    const std::uint32_t loop = match_.group_loop;
    for (std::uint32_t l = box.num_loops++; l > loop + 1; --l) {
      box.start[l] = box.start[l - 1];
      box.count[l] = box.count[l - 1];
    }
    set(loop, block, 1);
    set(loop + 1, 0, kChannelBlock);
    return box;
  }

  const Kernels& kernels_;
  const ConvolutionMatch match_;
  const std::uint32_t num_parallel_;
  const LoopArray extents_;
  const Place source_, destination_;
  const DepthwiseLines depthwise_;
  const std::int64_t blocks_;
  std::int64_t source_image_ = 0, destination_image_ = 0;
  PostOp post_;
  ChannelBias bias_;
  BoxEpilogue epilogue_;
  std::optional<RowActivation> activation_;  // instead
  std::int64_t lines_ = 1, units_ = 1, tasks_ = 1;
};

}  // namespace

std::unique_ptr<Step> make_depthwise_step(const BuildContext& context, const rdu_node& node,
                                          const ConvolutionMatch& match) {
  const bool blocked =
      context.places.blocked(match.source) && context.places.blocked(match.destination);
  if (!DepthwiseLines::suits(match) || !blocked) return nullptr;
  return std::make_unique<DepthwiseStep>(context, node, match);
}

}  // namespace rdu::cpu
