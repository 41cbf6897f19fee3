// What is added to a sum where it is one value for a channel.
#pragma once

#include <optional>

#include "plugins/cpu/contract/channel_blocks.hpp"
#include "plugins/cpu/contract/epilogue.hpp"
#include "plugins/cpu/steps/node_scope.hpp"

namespace rdu::cpu {

class ChannelBias {
 public:
  // The first access that walks the channels alone, one by one. `loop` is theirs (kMaxLoops: there is none), or two loops
  // from there on if `split`.
  bool take(const Access& access, std::uint32_t loop, bool split, std::int64_t channels);
  void drop() { access_.reset(); }

  // Of channels [first, first + count); `room` has whole blocks for what fills the last one. Null: there is no bias.
  const float* load(const Run& run, std::int64_t first, std::int64_t count, float* room) const;

 private:
  std::optional<Access> access_;
};

// Where all that follows the sum is an activation, perhaps after a bias: `bias` takes it.
std::optional<RowActivation> match_channel_activation(const BuildContext& context,
                                                      const rdu_node& node, std::uint32_t loop,
                                                      std::int64_t channels, ChannelBias& bias);

}  // namespace rdu::cpu
