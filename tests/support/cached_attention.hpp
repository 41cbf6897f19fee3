// A decoder's attention over a cache that grows: the smallest model with everything that growth touches.
#pragma once

#include "sdk/artifact/model.hpp"
#include "tests/support/model_builder.hpp"

namespace rdu::testing {

inline constexpr std::int64_t kHeads = 2;
inline constexpr std::int64_t kHeadWidth = 4;

// A variant for each number of positions in `steps`: it appends `k` and `v` [heads, step, width] to caches with room for
// `capacity`, and yields causal attention of `q` over all that they hold. Inputs q, k, v, then past_k and past_v, which
// the state binds; outputs y, then present_k and present_v.
artifact::Model cached_attention(const std::vector<std::int64_t>& steps, std::int64_t capacity);

}  // namespace rdu::testing
