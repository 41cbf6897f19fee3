// Finds convolutions of bytes with constant weights, ordinary ones and depthwise, whose sums are scaled and rounded by
// constants.
#pragma once

#include <vector>

#include "plugins/cpu/contract/convolution_shape.hpp"
#include "plugins/cpu/contract/integer/requantise.hpp"
#include "plugins/cpu/simd/byte_kernels.hpp"

namespace rdu::cpu {

struct ByteConvolution {
  ConvolutionMatch match;
  bool signed_source = false;
  std::int32_t source_zero = 0;
  Access weights;  // plain
  const std::byte* weights_data = nullptr;
  std::vector<std::int32_t> weights_zero;  // of each output channel
  RequantiseMatch results;
  std::optional<ByteTable> table;          // of bytes that come after those
  std::uint32_t channel_loop = kMaxLoops;  // of the result's channels: groups or outputs

  // A weight of output channel `channel` less its zero point: at most 9 bits.
  std::int32_t weight(std::int64_t channel, std::int64_t input, std::int64_t ky,
                      std::int64_t kx) const;
};

std::optional<ByteConvolution> match_byte_convolution(const BuildContext& context,
                                                      const rdu_node& node);

// Parameters of the results, a value for each channel, padded to whole blocks of them.
struct ByteParameters {
  std::vector<std::int32_t> whole_bias;
  std::vector<float> scale, bias;
};
ByteParameters byte_parameters(const BuildContext& context, const rdu_node& node,
                               const ByteConvolution& convolution);

}  // namespace rdu::cpu
