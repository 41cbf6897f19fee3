// The layout that convolutions work in: [image][channel / 16][points][channel mod 16].
#pragma once

#include <cstdint>

#include "plugins/cpu/simd/kernels.hpp"

namespace rdu::cpu {

inline constexpr std::int64_t kChannelBlock = 16;

inline std::int64_t channel_blocks(std::int64_t channels) {
  return (channels + kChannelBlock - 1) / kChannelBlock;
}

// One block of `channels` (at most 16) planes of `points` floats; the missing channels of a block are zeros.
void to_block(const Kernels& kernels, float* block, const float* planes, std::int64_t channels,
              std::int64_t points);
void from_block(const Kernels& kernels, float* planes, const float* block, std::int64_t channels,
                std::int64_t points);

}  // namespace rdu::cpu
