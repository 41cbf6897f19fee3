// Converts between planes and blocks of channels.
#include "plugins/cpu/contract/channel_blocks.hpp"

#include <cstring>

namespace rdu::cpu {
namespace {

const MoveKernels& floats(const Kernels& kernels) { return kernels.move[2]; }

}  // namespace

void to_block(const Kernels& kernels, float* block, const float* planes, std::int64_t channels,
              std::int64_t points) {
  if (channels < kChannelBlock) {
    std::memset(block, 0, static_cast<std::size_t>(points * kChannelBlock) * sizeof(float));
  }
  floats(kernels).transpose(block, kChannelBlock, planes, points, static_cast<std::size_t>(points),
                            static_cast<std::size_t>(channels));
}

void from_block(const Kernels& kernels, float* planes, const float* block, std::int64_t channels,
                std::int64_t points) {
  floats(kernels).transpose(planes, points, block, kChannelBlock,
                            static_cast<std::size_t>(channels), static_cast<std::size_t>(points));
}

}  // namespace rdu::cpu
