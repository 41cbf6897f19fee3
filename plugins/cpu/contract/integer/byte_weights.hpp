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
  // Of all weights of an output channel, modulo 2^32.
  std::uint32_t sum(std::int64_t channel) const;

  // Quads of channels (of taps along a line where the source lies in planes) that each unit of the source has.
  std::int64_t quads(const ByteLayout& layout, std::int64_t unit) const;
  // [panel][pass][unit][ky][kx][quad][channel][step]; panels of `width` output channels, given from the first on.
  void pack(const ByteLayout& layout, std::int64_t first_channel, std::int64_t width,
            std::vector<std::byte>& to) const;
  // [block][pass][ky][quad of kx][channel][tap].
  void pack_depthwise(std::vector<std::byte>& to) const;

 private:
  struct Step {
    std::int64_t channel, input, ky, kx;
  };
  std::int32_t part(const Step& step, std::int64_t pass) const;
  void append(std::int32_t word, std::vector<std::byte>& to) const;

  const ByteConvolution& convolution_;
  const ByteKernels& kernels_;
  std::int64_t inputs_ = 1, ky_ = 1, kx_ = 1, passes_ = 1;
};

}  // namespace rdu::cpu
