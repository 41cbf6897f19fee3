// Weights of convolutions of bytes, packed for the kernels: less their zero points, which may take 9 bits. What a word of
// the machine cannot hold of them comes in further passes over the same source.
#pragma once

#include "plugins/cpu/contract/integer/byte_convolution.hpp"
#include "plugins/cpu/contract/integer/byte_stage.hpp"
#include "plugins/cpu/contract/packed_memory.hpp"

namespace rdu::cpu {

class ByteWeights {
 public:
  ByteWeights(const ByteConvolution& convolution, const ByteKernels& kernels);

  std::int64_t passes() const { return passes_; }
  // Of all weights of an output channel.
  std::uint32_t sum(std::int64_t channel) const { return sums_[static_cast<std::size_t>(channel)]; }
  // Of the magnitudes of all weights of an output channel.
  double magnitude(std::int64_t channel) const;

  // Quads of channels (of taps along a line where the source lies in planes) that each unit of the source has.
  std::int64_t quads(const ByteLayout& layout, std::int64_t unit) const;
  // Quads that a point of the source has in all passes.
  std::int64_t quads(const ByteLayout& layout) const;
  // Panels of `width` output channels from `first` on: [pass][unit][ky][kx][quad][channel][step], at four bytes a quad.
  void pack(const ByteLayout& layout, std::int64_t first, std::int64_t width, std::byte* to) const;
  // [pass][ky][quad of kx][channel][tap] of a block.
  std::int64_t depthwise_bytes() const;
  void pack_depthwise(std::int64_t block, std::byte* to) const;

 private:
  std::int64_t at(std::int64_t channel, std::int64_t input) const {
    return (channel * inputs_ + input) * ky_ * kx_;
  }
  // What pass `pass` multiplies by, once earlier ones took what they can.
  std::uint32_t word(std::int32_t weight, std::int64_t pass) const;
  void put(std::byte* to, const std::int16_t* from, std::int64_t step, std::int64_t count,
           std::int64_t pass) const;

  const ByteKernels& kernels_;
  const std::int64_t channels_;
  std::int64_t inputs_ = 1, ky_ = 1, kx_ = 1, passes_ = 1;
  std::vector<std::int16_t> weights_;  // [channel][input][ky][kx], less their zero points
  std::vector<std::uint32_t> sums_;    // of each channel, modulo 2^32
};

}  // namespace rdu::cpu
