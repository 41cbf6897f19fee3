// Convolutions in oneDNN, on blocks of 16 channels. Work is cut by images and output channels; values that are not
// blocked already are converted before and after, in the run's scratch.
#include "plugins/cpu/contract/panel/convolution_step.hpp"

#include <algorithm>

#include "plugins/cpu/access/integer.hpp"
#include "plugins/cpu/access/strided_copy.hpp"
#include "plugins/cpu/contract/channel_blocks.hpp"
#include "plugins/cpu/contract/contract_step.hpp"
#include "plugins/cpu/contract/convolution_shape.hpp"
#include "plugins/cpu/contract/epilogue.hpp"

namespace rdu::cpu {
namespace {

constexpr std::int64_t kPieceFlops = 4 << 20;
constexpr std::int64_t kFewChannels = 4;  // oneDNN reads so few from planes

class ConvolutionStep : public Step {
 public:
  static std::unique_ptr<Step> make(const BuildContext& context, const rdu_node& node,
                                    const ConvolutionMatch& match) {
    auto step = std::unique_ptr<ConvolutionStep>(new ConvolutionStep(context, node, match));
    return step->create_call(context, node) ? std::move(step) : nullptr;
  }

  plugin::Status run(const Run& run) const override {
    const float* source = reinterpret_cast<const float*>(run.at(source_));
    auto* destination = reinterpret_cast<float*>(run.at(destination_)) + destination_base_;
    if (converts_source_) {
      auto* blocked = reinterpret_cast<float*>(run.scratch + temporary_);
      convert_source(run, source, blocked);
      source = blocked;
    }
    float* result = destination;
    if (converts_destination_) {
      result = reinterpret_cast<float*>(run.scratch + temporary_ + source_bytes_);
    }
    for_each_task(run, match_.images * pieces_, [&](std::int64_t task, std::byte* workspace) {
      convolve(run, source, result, task / pieces_, task % pieces_, workspace);
    });
    if (converts_destination_ || !epilogue_.empty()) finish(run, result, destination);
    return {};
  }

  std::uint64_t workspace_bytes() const override {
    const std::uint64_t epilogue = epilogue_.empty() ? 0 : epilogue_.workspace_bytes();
    return std::max(align_up(call_->scratchpad_bytes(), 64), epilogue);
  }
  std::uint64_t temporary_bytes() const override { return source_bytes_ + destination_bytes_; }
  void place_temporary(std::uint64_t offset) override { temporary_ = offset; }
  std::uint64_t resident_bytes() const override { return call_->packed_bytes(); }
  bool parallel() const override { return match_.images * pieces_ > 1; }

 private:
  ConvolutionStep(const BuildContext& context, const rdu_node& node, const ConvolutionMatch& match)
      : kernels_(context.kernels), match_(match), num_parallel_(node.num_parallel) {
    extents_ = scope_of(context, node).extents;
    source_ = context.places.place_of(match.source);
    destination_ = context.places.place_of(match.destination);
    source_blocked_ = context.places.blocked(match.source);
    destination_blocked_ = context.places.blocked(match.destination);
    match_.shape.blocked_source = source_blocked_ || match_.source_channels() > kFewChannels;
    converts_source_ = match_.shape.blocked_source && !source_blocked_;
    converts_destination_ = !destination_blocked_;
    const auto bytes = [&](std::int64_t channels, std::int64_t points) {
      return static_cast<std::uint64_t>(match_.images * channel_blocks(channels) * kChannelBlock *
                                        points) *
             sizeof(float);
    };
    if (converts_source_) source_bytes_ = bytes(match_.source_channels(), match_.source_points());
    if (converts_destination_) destination_bytes_ = bytes(match_.channels(), match_.points());
    destination_base_ = match_.destination_base;
    destination_channels_ = context.graph.value(match.destination).dims[1];
    choose_pieces();
  }

  // Pieces are equal, whole blocks of output channels (or of depthwise groups).
  void choose_pieces() {
    const ConvolutionShape& s = match_.shape;
    const std::int64_t blocks = match_.channels() / kChannelBlock;
    const bool cuttable =
        match_.channels() % kChannelBlock == 0 && (s.groups == 1 || match_.depthwise());
    const std::int64_t taps = s.channels * s.kernel[0] * s.kernel[1] * s.kernel[2];
    const std::int64_t flops = 2 * match_.channels() * match_.points() * taps;
    if (!cuttable) return;
    const std::int64_t most = std::min<std::int64_t>(blocks, 8);
    for (std::int64_t p = 2; p <= most; p *= 2) {
      if (blocks % p == 0 && flops / p >= kPieceFlops / 2) pieces_ = p;
    }
    if (pieces_ == 1 && blocks % 3 == 0 && flops / 3 >= kPieceFlops / 2) pieces_ = 3;
  }

  bool create_call(const BuildContext& context, const rdu_node& node) {
    FusedEpilogue fused;
    std::uint32_t output_loops = 0;
    for (const std::uint32_t l : {match_.group_loop, match_.output_loop}) {
      if (l != kMaxLoops) output_loops |= 1u << l;
    }
    if (match_epilogue(context, node, output_loops, fused) && bias_is_dense(context, node, fused)) {
      match_.shape.post = fused.post;
      match_.shape.bias = fused.bias_read != RDU_NONE;
    } else if (node.epilogue.num_results != 0) {
      epilogue_ = BoxEpilogue(context, node);
    }
    ConvolutionShape piece = padded_shape();
    (match_.depthwise() ? piece.groups : piece.outputs) /= pieces_;
    const auto code = context.graph.instrs(node.body);
    const rdu_read& w = context.graph.reads(node)[code[context.graph.results(node.body)[1]].a];
    const auto* weights = static_cast<const float*>(context.graph.value(w.value).data);
    WeightStrides strides = match_.weights;
    std::vector<float> padded;
    if (piece.outputs * pieces_ != match_.shape.outputs ||
        piece.channels != match_.shape.channels ||
        (match_.depthwise() && piece.groups * pieces_ != match_.shape.groups)) {
      padded = padded_weights(weights, strides);
      weights = padded.data();
    }
    call_ = DnnlCall::convolution(piece, strides);
    if (call_ == nullptr) return false;
    const std::int64_t step =
        match_.depthwise() ? strides.group * piece.groups : strides.output * piece.outputs;
    std::vector<const float*> firsts;
    for (std::int64_t p = 0; p < pieces_; ++p) firsts.push_back(weights + p * step);
    call_->pack(firsts, *context.packed);
    return true;
  }

  // oneDNN has fast code for whole blocks of channels only: those that are missing get zeros for weights.
  ConvolutionShape padded_shape() const {
    ConvolutionShape shape = match_.shape;
    if (match_.depthwise()) {
      shape.groups = channel_blocks(shape.groups) * kChannelBlock;
    } else if (shape.groups == 1) {
      shape.outputs = channel_blocks(shape.outputs) * kChannelBlock;
      if (shape.blocked_source) shape.channels = channel_blocks(shape.channels) * kChannelBlock;
    }
    return shape;
  }

  // Dense, in the order group, output, channel, taps; leaves the strides of the copy in `strides`.
  std::vector<float> padded_weights(const float* weights, WeightStrides& strides) const {
    const ConvolutionShape &real = match_.shape, padded = padded_shape();
    const WeightStrides from = strides;
    strides.kernel[2] = 1;
    strides.kernel[1] = real.kernel[2];
    strides.kernel[0] = real.kernel[1] * strides.kernel[1];
    strides.channel = real.kernel[0] * strides.kernel[0];
    strides.output = padded.channels * strides.channel;
    strides.group = padded.outputs * strides.output;
    std::vector<float> copy(static_cast<std::size_t>(padded.groups * strides.group));
    StridedCopy box;
    box.num_loops = 6;
    const std::int64_t counts[] = {real.groups,    real.outputs,   real.channels,
                                   real.kernel[0], real.kernel[1], real.kernel[2]};
    const std::int64_t to[] = {strides.group,     strides.output,    strides.channel,
                               strides.kernel[0], strides.kernel[1], strides.kernel[2]};
    const std::int64_t source[] = {from.group,     from.output,    from.channel,
                                   from.kernel[0], from.kernel[1], from.kernel[2]};
    for (std::uint32_t l = 0; l < box.num_loops; ++l) {
      box.count[l] = counts[l];
      box.dst_stride[l] = to[l];
      box.src_stride[l] = source[l];
    }
    strided_copy(kernels_, 2, box, copy.data(), weights);
    return copy;
  }

  bool bias_is_dense(const BuildContext& context, const rdu_node& node,
                     const FusedEpilogue& fused) {
    if (fused.bias_read == RDU_NONE) return true;
    bias_ = lower_read(scope_of(context, node), context.graph.reads(node)[fused.bias_read]);
    const bool outputs = match_.output_loop == kMaxLoops || bias_.stride[match_.output_loop] == 1;
    const bool groups =
        match_.group_loop == kMaxLoops || bias_.stride[match_.group_loop] == match_.shape.outputs;
    return outputs && groups;
  }

  void convert_source(const Run& run, const float* planes, float* blocked) const {
    const std::int64_t channels = match_.source_channels(), points = match_.source_points();
    const std::int64_t blocks = channel_blocks(channels);
    for_each_task(run, match_.images * blocks, [&](std::int64_t task, std::byte*) {
      const std::int64_t image = task / blocks, first = task % blocks * kChannelBlock;
      to_block(kernels_, blocked + task * kChannelBlock * points,
               planes + (image * channels + first) * points,
               std::min(kChannelBlock, channels - first), points);
    });
  }

  void convolve(const Run& run, const float* source, float* result, std::int64_t image,
                std::int64_t piece, std::byte* workspace) const {
    const std::int64_t channels = match_.channels() / pieces_;
    const std::int64_t in_channels = match_.shape.blocked_source
                                         ? channel_blocks(match_.source_channels()) * kChannelBlock
                                         : match_.source_channels();
    source += image * in_channels * match_.source_points();
    if (match_.depthwise()) source += piece * channels * match_.source_points();
    result += image * result_image() + piece * channels * match_.points();
    const float* bias = nullptr;
    if (!padded_bias_.empty()) {
      bias = padded_bias_.data() + piece * channels;
    } else if (match_.shape.bias) {
      bias = reinterpret_cast<const float*>(run.at(bias_.place)) + bias_.base + piece * channels;
    }
    call_->execute(source, static_cast<std::size_t>(piece), bias, result, workspace);
  }

  // Elements between images of what the call writes: a part of the destination, or a temporary.
  std::int64_t result_image() const {
    const std::int64_t channels = destination_blocked_ ? destination_channels_ : match_.channels();
    return channel_blocks(channels) * kChannelBlock * match_.points();
  }

  // Blocks of channels go where the graph wants them, and through what is left of the epilogue.
  void finish(const Run& run, const float* result, float* destination) const {
    const std::int64_t channels = match_.channels(), points = match_.points();
    const std::int64_t blocks = channel_blocks(channels);
    const bool whole = match_.shape.groups > 1 && match_.shape.outputs > 1;
    for_each_task(run, match_.images * blocks, [&](std::int64_t task, std::byte* workspace) {
      const std::int64_t image = task / blocks, first = task % blocks * kChannelBlock;
      const std::int64_t count = std::min(kChannelBlock, channels - first);
      if (converts_destination_) {
        from_block(kernels_, destination + image * match_.destination_image + first * points,
                   result + task * kChannelBlock * points, count, points);
      }
      if (!epilogue_.empty() && !whole)
        epilogue_.run(kernels_, run, piece(image, first, count), workspace);
    });
    if (epilogue_.empty() || !whole) return;
    for_each_task(run, match_.images, [&](std::int64_t image, std::byte* workspace) {
      epilogue_.run(kernels_, run, piece(image, 0, 0), workspace);
    });
  }

  // One image and channels [first, first + count) in the loops of the node; all channels where they span two loops.
  Box piece(std::int64_t image, std::int64_t first, std::int64_t count) const {
    Box box;
    box.num_loops = num_parallel_;
    for (std::uint32_t l = 0; l < num_parallel_; ++l) box.count[l] = extents_[l];
    if (match_.image_loop != kMaxLoops) {
      box.start[match_.image_loop] = image;
      box.count[match_.image_loop] = 1;
    }
    const std::uint32_t loop = channel_loop();
    if (destination_blocked_) return split(box, loop, first / kChannelBlock);
    if (count != 0 && loop != kMaxLoops) {
      box.start[loop] = first;
      box.count[loop] = count;
    }
    return box;
  }

  std::uint32_t channel_loop() const {
    return match_.output_loop != kMaxLoops ? match_.output_loop : match_.group_loop;
  }

  // The same with one block of channels, in the loops that see blocks.
  static Box split(Box box, std::uint32_t loop, std::int64_t block) {
    for (std::uint32_t l = box.num_loops++; l > loop + 1; --l) {
      box.start[l] = box.start[l - 1];
      box.count[l] = box.count[l - 1];
    }
    box.start[loop] = block;
    box.count[loop] = 1;
    box.start[loop + 1] = 0;
    box.count[loop + 1] = kChannelBlock;
    return box;
  }

  const Kernels& kernels_;
  ConvolutionMatch match_;
  const std::uint32_t num_parallel_;
  LoopArray extents_{};
  Place source_, destination_;
  Access bias_;
  std::vector<float> padded_bias_;
  BoxEpilogue epilogue_;
  std::unique_ptr<DnnlCall> call_;
  std::int64_t pieces_ = 1, destination_base_ = 0, destination_channels_ = 0;
  std::uint64_t source_bytes_ = 0, destination_bytes_ = 0, temporary_ = 0;
  bool source_blocked_ = false, destination_blocked_ = false;
  bool converts_source_ = false, converts_destination_ = false;
};

}  // namespace

std::unique_ptr<Step> make_convolution_step(const BuildContext& context, const rdu_node& node) {
  const auto match = match_convolution(context, node);
  if (!match) return nullptr;
  const bool blocked =
      context.places.blocked(match->source) || context.places.blocked(match->destination);
  if (match->pointwise() && !blocked) return nullptr;  // a matrix product
  if (auto step = make_depthwise_step(context, node, *match)) return step;
  if (auto step = make_panel_convolution_step(context, node, *match)) return step;
  const bool narrow = match->shape.groups > 1 && match->shape.outputs < kChannelBlock;
  if (narrow && !blocked) {
    const auto operands = plain_operands(context, node);
    auto step = operands ? make_gathered_step(context, node, *operands) : nullptr;
    if (step != nullptr) return step;
  }
  return ConvolutionStep::make(context, node, *match);
}

}  // namespace rdu::cpu
