// Recognises sums of bytes over whole images, channel by channel: what global average pooling of quantised values is.
#pragma once

#include <optional>
#include <rdu/plugin.hpp>

#include "plugins/cpu/access/access.hpp"

namespace rdu::cpu {

struct ImageSum {
  std::uint32_t value = RDU_NONE;  // [image][channel][y][x], the only one that the node reads
  std::int32_t zero = 0;           // each byte less this
  std::uint32_t image_loop = kMaxLoops, channel_loop = kMaxLoops;  // kMaxLoops: there is one image
};

std::optional<ImageSum> match_image_sum(const plugin::Graph& graph, const rdu_node& node);

}  // namespace rdu::cpu
