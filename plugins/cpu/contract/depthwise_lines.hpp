// A depthwise convolution of a value in blocks of channels, line by line.
#pragma once

#include "plugins/cpu/contract/convolution_shape.hpp"

namespace rdu::cpu {

class DepthwiseLines {
 public:
  static bool suits(const ConvolutionMatch& match) {
    return match.depthwise() && !match.shape.transposed && match.shape.spatial <= 2;
  }

  DepthwiseLines(const BuildContext& context, const rdu_node& node, const ConvolutionMatch& match);

  std::int64_t blocks() const { return blocks_; }
  std::int64_t lines() const { return y_.out; }  // of the result
  std::int64_t line() const { return x_.out; }   // points
  std::int64_t taps() const { return y_.taps * x_.taps; }
  std::int64_t source_lines() const { return y_.in; }
  std::int64_t source_line() const { return x_.in; }
  std::uint64_t resident_bytes() const {
    return static_cast<std::uint64_t>(blocks_ * weights_block()) * sizeof(float);
  }

  struct Lines {
    std::int64_t first = 0, end = 0;
  };
  // Of the source, that lines [first, end) of the result read.
  Lines read_by(std::int64_t first, std::int64_t end) const;

  // Of one block of channels: its source from line `first_line` on, and what each sum gets.
  struct Block {
    std::int64_t number = 0;
    const float* source = nullptr;
    std::int64_t first_line = 0;
    const float* bias = nullptr;  // null: none
    PostOp post;
  };
  // Line y of the result.
  void convolve(const Block& block, std::int64_t y, float* out) const;

 private:
  // One dimension of the convolution.
  struct Span {
    std::int64_t in = 1, out = 1, taps = 1, stride = 1, dilation = 1, pad = 0;

    // Results whose taps are all inside: from the first to the end.
    std::int64_t inner_first() const;
    std::int64_t inner_end() const;
  };

  static Span span_of(const ConvolutionShape& shape, std::uint32_t dimension);
  std::int64_t weights_block() const { return taps() * kChannelBlock; }
  void pack(const BuildContext& context, const rdu_node& node, const ConvolutionMatch& match);
  void turn(const ConvolutionMatch& match, const float* from, float* weights) const;

  const Kernels& kernels_;
  const std::int64_t blocks_;
  Span y_, x_;
  const float* weights_ =
      nullptr;  // [block][tap][channel of the block]; channels that are missing have zeros
};

}  // namespace rdu::cpu
