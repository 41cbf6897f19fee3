// Depthwise convolutions of values in blocks of channels: line by line on a kernel of our own. What follows the sum runs
// over a few lines at a time, while they are in L1.
#include <algorithm>

#include "plugins/cpu/access/integer.hpp"
#include "plugins/cpu/contract/channel_blocks.hpp"
#include "plugins/cpu/contract/contract_step.hpp"
#include "plugins/cpu/contract/convolution_shape.hpp"
#include "plugins/cpu/contract/share.hpp"
#include "plugins/cpu/contract/sum_epilogue.hpp"

namespace rdu::cpu {
namespace {

constexpr std::int64_t kPieceElements = 4096;  // of results, before what follows the sum

// One dimension of the convolution.
struct Span {
  std::int64_t in = 1, out = 1, taps = 1, stride = 1, dilation = 1, pad = 0;

  // Results whose taps are all inside: from the first to the end.
  std::int64_t inner_first() const { return std::min(out, ceil_div(pad, stride)); }
  std::int64_t inner_end() const {
    const std::int64_t last = in - 1 - (taps - 1) * dilation + pad;
    return std::clamp(last < 0 ? 0 : last / stride + 1, inner_first(), out);
  }
};

Span span_of(const ConvolutionShape& s, std::uint32_t d) {
  return {s.in[d], s.out[d], s.kernel[d], s.stride[d], s.dilation[d], s.pad[d]};
}

class DepthwiseStep : public Step {
 public:
  DepthwiseStep(const BuildContext& context, const rdu_node& node, const ConvolutionMatch& match)
      : kernels_(context.kernels),
        match_(match),
        num_parallel_(node.num_parallel),
        extents_(scope_of(context, node).extents),
        source_(context.places.place_of(match.source)),
        destination_(context.places.place_of(match.destination)),
        blocks_(channel_blocks(match.channels())) {
    const std::uint32_t last = match.shape.spatial - 1;
    x_ = span_of(match.shape, last);
    if (last == 1) y_ = span_of(match.shape, 0);
    source_image_ = image_of(context, match.source, match.source_points());
    destination_image_ = image_of(context, match.destination, match.points());
    pack(context, node);
    take_epilogue(context, node);
    lines_ = std::clamp<std::int64_t>(kPieceElements / (x_.out * kChannelBlock), 1, y_.out);
    units_ = match.images * blocks_ * ceil_div(y_.out, lines_);
    tasks_ = std::min(units_, tasks_for(4 * match.images * blocks_ * kChannelBlock *
                                        match.points() * y_.taps * x_.taps));
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
  std::uint64_t resident_bytes() const override {
    return static_cast<std::uint64_t>(blocks_ * weights_block()) * sizeof(float);
  }
  bool parallel() const override { return tasks_ > 1; }

 private:
  std::int64_t image_of(const BuildContext& context, std::uint32_t value,
                        std::int64_t points) const {
    return channel_blocks(context.places.block_channels(value)) * kChannelBlock * points;
  }

  std::int64_t weights_block() const { return y_.taps * x_.taps * kChannelBlock; }

  // [block][tap][channel of the block]; channels that are missing have zeros.
  void pack(const BuildContext& context, const rdu_node& node) {
    const auto code = context.graph.instrs(node.body);
    const rdu_read& read = context.graph.reads(node)[code[context.graph.results(node.body)[1]].a];
    const auto* from = static_cast<const float*>(context.graph.value(read.value).data);
    weights_ = static_cast<float*>(context.packed->take(resident_bytes()));
    std::fill_n(weights_, blocks_ * weights_block(), 0.0f);
    const WeightStrides& strides = match_.weights;
    const bool flat = match_.shape.spatial == 1;
    const std::int64_t along = strides.kernel[flat ? 0 : 1], down = flat ? 0 : strides.kernel[0];
    for (std::int64_t c = 0; c < match_.channels(); ++c) {
      float* to = weights_ + c / kChannelBlock * weights_block() + c % kChannelBlock;
      for (std::int64_t ky = 0; ky < y_.taps; ++ky) {
        for (std::int64_t kx = 0; kx < x_.taps; ++kx, to += kChannelBlock) {
          *to = from[c * strides.group + ky * down + kx * along];
        }
      }
    }
  }

  // Is it one value for a channel? `split`: the loop of the channels is two.
  bool take_bias(const Access& access, bool split) {
    if (bias_ || !access.affine()) return false;
    for (std::uint32_t l = 0; l < kMaxLoops; ++l) {
      std::int64_t expected = 0;
      if (l == match_.group_loop) expected = split ? kChannelBlock : 1;
      if (split && l == match_.group_loop + 1) expected = 1;
      const bool idle = split && l == match_.group_loop && blocks_ == 1;
      if (access.stride[l] != expected && !idle) return false;
    }
    bias_ = access;
    return true;
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
    epilogue_ = BoxEpilogue(context, node, image,
                            [&](const Access& access) { return take_bias(access, split); });
  }

  bool take_plain_bias(const BuildContext& context, const rdu_node& node, std::uint32_t number) {
    const rdu_read& read = context.graph.reads(node)[number];
    return !context.places.blocked(read.value) &&
           take_bias(lower_read(scope_of(context, node), read), false);
  }

  void run_unit(const Run& run, std::int64_t unit, std::byte* workspace) const {
    const std::int64_t pieces = ceil_div(y_.out, lines_);
    const std::int64_t block = unit / pieces % blocks_, image = unit / pieces / blocks_;
    const std::int64_t first = unit % pieces * lines_, end = std::min(y_.out, first + lines_);
    float bias[kChannelBlock] = {};
    DepthwiseLine line{};
    if (bias_) {
      const std::int64_t left = match_.channels() - block * kChannelBlock;
      std::copy_n(reinterpret_cast<const float*>(run.at(bias_->place)) + bias_->base +
                      block * kChannelBlock,
                  std::min(left, kChannelBlock), bias);
      line.bias = bias;
    }
    line.taps = x_.taps;
    line.stride = x_.stride;
    line.dilation = x_.dilation;
    line.pad = x_.pad;
    line.width = x_.in;
    line.count = x_.out;
    line.inner_first = x_.inner_first();
    line.inner_end = x_.inner_end();
    line.clamps = post_.clamp;
    line.low = post_.low;
    line.high = post_.high;
    const float* plane = reinterpret_cast<const float*>(run.at(source_)) + image * source_image_ +
                         block * kChannelBlock * match_.source_points();
    float* out = reinterpret_cast<float*>(run.at(destination_)) + match_.destination_base +
                 image * destination_image_ + block * kChannelBlock * match_.points();
    for (std::int64_t y = first; y < end; ++y) convolve_line(line, plane, out, block, y);
    if (!epilogue_.empty()) epilogue_.run(kernels_, run, box(image, block, first, end), workspace);
  }

  void convolve_line(DepthwiseLine line, const float* plane, float* out, std::int64_t block,
                     std::int64_t y) const {
    const std::int64_t top = y * y_.stride - y_.pad, pitch = x_.in * kChannelBlock;
    const std::int64_t first = std::max<std::int64_t>(0, ceil_div(-top, y_.dilation));
    const std::int64_t end = std::min(y_.taps, ceil_div(y_.in - top, y_.dilation));
    line.rows = std::max<std::int64_t>(0, end - first);
    line.row_stride = y_.dilation * pitch;
    line.source = plane + (line.rows == 0 ? 0 : (top + first * y_.dilation) * pitch);
    line.weights = weights_ + block * weights_block() + first * x_.taps * kChannelBlock;
    line.out = out + y * x_.out * kChannelBlock;
    kernels_.depthwise_line(line);
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
  const std::int64_t blocks_;
  Span y_, x_;
  std::int64_t source_image_ = 0, destination_image_ = 0;
  float* weights_ = nullptr;
  PostOp post_;
  std::optional<Access> bias_;
  BoxEpilogue epilogue_;
  std::int64_t lines_ = 1, units_ = 1, tasks_ = 1;
};

}  // namespace

std::unique_ptr<Step> make_depthwise_step(const BuildContext& context, const rdu_node& node,
                                          const ConvolutionMatch& match) {
  const bool blocked =
      context.places.blocked(match.source) && context.places.blocked(match.destination);
  if (!match.depthwise() || match.shape.transposed || match.shape.spatial > 2 || !blocked) {
    return nullptr;
  }
  return std::make_unique<DepthwiseStep>(context, node, match);
}

}  // namespace rdu::cpu
