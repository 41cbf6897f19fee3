// Recognises maps that move whole channels and nothing else: parts of a Concat, slices of channels, channel shuffles.
#pragma once

#include <functional>
#include <optional>
#include <vector>

#include "plugins/cpu/access/lower.hpp"

namespace rdu::cpu {

struct BuildContext;

// Channel to[i] of `destination` is channel from[i] of `source`, in each image.
struct ChannelMove {
  std::uint32_t source = 0, destination = 0;  // the owners of the storages
  std::int64_t images = 1, points = 1;
  std::vector<std::int64_t> from, to;
};

// How many channels of an image the owner of a storage has; 0: it is not to be moved by channels.
using ChannelsOf = std::function<std::int64_t(std::uint32_t owner)>;

// Either value may be seen through a reshape that leaves the points of a channel alone.
std::optional<ChannelMove> match_channel_move(const BuildContext& context, const rdu_node& node,
                                              const ChannelsOf& channels_of);

}  // namespace rdu::cpu
