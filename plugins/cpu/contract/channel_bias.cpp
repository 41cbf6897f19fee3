// Compares strides; copies only where a block is not whole.
#include "plugins/cpu/contract/channel_bias.hpp"

#include <algorithm>

namespace rdu::cpu {

bool ChannelBias::take(const Access& access, std::uint32_t loop, bool split,
                       std::int64_t channels) {
  if (access_ || !access.affine()) return false;
  for (std::uint32_t l = 0; l < kMaxLoops; ++l) {
    std::int64_t expected = 0;
    if (loop != kMaxLoops && l == loop) expected = split ? kChannelBlock : 1;
    if (loop != kMaxLoops && split && l == loop + 1) expected = 1;
    const bool idle = split && l == loop && channels <= kChannelBlock;
    if (access.stride[l] != expected && !idle) return false;
  }
  access_ = access;
  return true;
}

const float* ChannelBias::load(const Run& run, std::int64_t first, std::int64_t count,
                               float* room) const {
  if (!access_) return nullptr;
  const float* values =
      reinterpret_cast<const float*>(run.at(access_->place)) + access_->base + first;
  const std::int64_t whole = channel_blocks(count) * kChannelBlock;
  if (count == whole) return values;
  std::copy_n(values, count, room);
  std::fill_n(room + count, whole - count, 0.0f);
  return room;
}

std::optional<RowActivation> match_channel_activation(const BuildContext& context,
                                                      const rdu_node& node, std::uint32_t loop,
                                                      std::int64_t channels, ChannelBias& bias) {
  const bool split = context.places.blocked(context.graph.writes(node)[0].value) &&
                     channels % kChannelBlock == 0 && loop != kMaxLoops;
  const BoxEpilogue epilogue(context, node, 0, [&](const Access& access) {
    return bias.take(access, loop, split, channels);
  });
  return epilogue.only_activation(context.kernels);
}

}  // namespace rdu::cpu
