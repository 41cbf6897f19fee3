// Recognises reductions over windows of the last two dimensions: pooling.
#pragma once

#include <optional>
#include <rdu/plugin.hpp>

#include "plugins/cpu/access/access.hpp"

namespace rdu::cpu {

// A dimension that windows slide along: position stride * result + dilation * tap + offset, [0, extent) inside.
struct PoolDimension {
  std::uint32_t result_loop = kMaxLoops, tap_loop = kMaxLoops;  // kMaxLoops: there is none
  std::int64_t stride = 1, dilation = 1, offset = 0, extent = 1;
};

struct PoolShape {
  std::uint32_t read = 0;  // of the node
  PoolDimension y, x;
  bool widens = false;    // bytes are summed as I32,
  std::int32_t zero = 0;  // each less this
};

// Null where some other reduction is meant. The body passes the element on, or a byte less its zero point; what follows the
// reduction may be anything.
std::optional<PoolShape> match_windows(const plugin::Graph& graph, const rdu_node& node);

// The same, where a window slides along at least one dimension.
std::optional<PoolShape> match_pool(const plugin::Graph& graph, const rdu_node& node);

}  // namespace rdu::cpu
