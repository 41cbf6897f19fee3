// Finds convolutions of bytes with constant weights, ordinary ones and depthwise, whose sums are scaled and rounded by
// constants.
#pragma once

#include <vector>

#include "plugins/cpu/contract/convolution_shape.hpp"
#include "plugins/cpu/contract/integer/requantise.hpp"
#include "plugins/cpu/simd/bytes/kernels.hpp"

namespace rdu::cpu {

struct ByteConvolution {
  ConvolutionMatch match;
  bool signed_source = false;
  std::int32_t source_zero = 0;
  Access weights;  // plain
  const std::byte* weights_data = nullptr;
  std::vector<std::int32_t> weights_zero;  // of each output channel; weights less these have 9 bits
  RequantiseMatch results;
  std::optional<ByteTable> table;          // of bytes that come after those
  std::uint32_t channel_loop = kMaxLoops;  // of the result's channels: groups or outputs
};

std::optional<ByteConvolution> match_byte_convolution(const BuildContext& context,
                                                      const rdu_node& node);

// Parameters of the results, a value for each channel, padded to whole blocks of them.
class ByteParameters {
 public:
  ByteParameters() = default;
  ByteParameters(const BuildContext& context, const rdu_node& node,
                 const ByteConvolution& convolution);

  // Adds to what is added to the sums of a channel, modulo 2^32; those are in all at most `most` without the node's bias.
  void add(std::int64_t channel, std::uint32_t sum, double most);
  // Those of a block and all after it.
  ByteResults results_of(std::int64_t block) const;

 private:
  void choose_factors(float divisor);

  ByteResults common_{};
  std::optional<ByteTable> table_;
  std::vector<std::int32_t> whole_bias_;
  std::vector<float> scale_, bias_, factor_, offset_;
};

}  // namespace rdu::cpu
