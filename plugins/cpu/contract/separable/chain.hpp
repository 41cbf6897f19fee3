// Recognises nodes in a row that are a depthwise convolution between products of channels: the wide values in between are
// larger than a cache near the core, and nobody else needs them.
#pragma once

#include <optional>

#include "plugins/cpu/contract/convolution_shape.hpp"
#include "plugins/cpu/contract/sum_epilogue.hpp"
#include "plugins/cpu/plan/storage_plan.hpp"

namespace rdu::cpu {

struct SeparableChain {
  std::uint32_t first_node = 0, end_node = 0;
  // A product of channels that makes the depthwise convolution's source, where there is one; and that of its result.
  std::optional<ConvolutionMatch> expand;
  ConvolutionMatch depthwise, project;

  std::uint32_t result = 0;  // value

  std::uint32_t source() const { return expand ? expand->source : depthwise.source; }
};

// Likewise for `storage` and `plan_first` as in match_row_chain.
std::optional<SeparableChain> match_separable_chain(const BuildContext& context,
                                                    const StoragePlan& storage, std::uint32_t first,
                                                    std::uint32_t end, std::uint32_t plan_first);

std::unique_ptr<Step> make_separable_step(const BuildContext& context, const SeparableChain& chain);

}  // namespace rdu::cpu
