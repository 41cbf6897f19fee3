// Looks at three nodes, then at two: each reads what the one before wrote, whole and in blocks.
#include "plugins/cpu/contract/separable/chain.hpp"

#include <algorithm>

#include "plugins/cpu/contract/channel_bias.hpp"
#include "plugins/cpu/contract/channel_blocks.hpp"
#include "plugins/cpu/contract/depthwise_lines.hpp"

namespace rdu::cpu {
namespace {

constexpr std::int64_t kLeastBytes = 384 << 10;  // of a wide value that pays for steps of its own
constexpr std::int64_t kMostChannels = 1024;     // that are one walk over a tile of a product
constexpr std::int64_t kFewestLines = 8, kFewestPoints = 16;

class Matcher {
 public:
  Matcher(const BuildContext& context, const StoragePlan& storage, std::uint32_t first,
          std::uint32_t end, std::uint32_t plan_first)
      : context_(context), storage_(storage), first_(first), end_(end), plan_first_(plan_first) {}

  std::optional<SeparableChain> match() {
    const auto head = convolution(first_);
    if (!head) return {};
    if (DepthwiseLines::suits(*head)) return match_from(std::nullopt, *head, first_ + 1);
    if (!is_product(*head)) return {};
    const auto depthwise = convolution(first_ + 1);
    if (!depthwise || !DepthwiseLines::suits(*depthwise)) return {};
    const bool joined = follows(*head, *depthwise) && simple(first_, *head);
    return joined ? match_from(head, *depthwise, first_ + 2) : std::nullopt;
  }

 private:
  std::optional<SeparableChain> match_from(const std::optional<ConvolutionMatch>& expand,
                                           const ConvolutionMatch& depthwise, std::uint32_t last) {
    const auto project = convolution(last);
    if (!project || !is_product(*project) || !follows(depthwise, *project)) return {};
    if (!simple(last - 1, depthwise)) return {};
    const SeparableChain chain{first_, last + 1, expand, depthwise, *project, project->destination};
    const std::int64_t bytes =
        whole_channels(depthwise) *
        std::max(expand ? depthwise.source_points() : 0, depthwise.points()) * 4;
    const bool large = bytes >= kLeastBytes && depthwise.shape.spatial == 2 &&
                       depthwise.shape.out[0] >= kFewestLines &&
                       depthwise.shape.out[1] >= kFewestPoints;
    const bool blocked =
        context_.places.blocked(chain.source()) && context_.places.blocked(chain.result);
    const bool alone = (!expand || inside(depthwise.source, chain)) &&
                       inside(depthwise.destination, chain) && !reads(last, chain);
    if (!large || !blocked || !alone) return {};
    return chain;
  }

  std::optional<ConvolutionMatch> convolution(std::uint32_t n) const {
    if (n >= end_) return {};
    const rdu_node& node = context_.graph.nodes()[n];
    if (node.pattern != RDU_PATTERN_CONTRACT) return {};
    return match_convolution(context_, node);
  }

  static bool is_product(const ConvolutionMatch& match) {
    return match.pointwise() && match.shape.spatial == 2 && match.shape.channels <= kMostChannels;
  }
  static std::int64_t whole_channels(const ConvolutionMatch& match) {
    return channel_blocks(match.channels()) * kChannelBlock;
  }

  // Does `next` read all of what `match` writes, and nothing else?
  bool follows(const ConvolutionMatch& match, const ConvolutionMatch& next) const {
    const rdu_value& value = context_.graph.value(match.destination);
    return next.source == match.destination && context_.places.blocked(next.source) &&
           match.destination_base == 0 && value.dims[1] == match.channels() &&
           match.images == next.images && match.points() == next.source_points();
  }

  // What follows the sum of a wide value is at most a bias, and a clamp or an activation.
  bool simple(std::uint32_t n, const ConvolutionMatch& match) const {
    const rdu_node& node = context_.graph.nodes()[n];
    const std::uint32_t loop = match.depthwise() ? match.group_loop : match.output_loop;
    ChannelBias bias;
    const auto sum = match_sum_epilogue(context_, node);
    if (!sum) {
      return match_channel_activation(context_, node, loop, match.channels(), bias).has_value();
    }
    if (sum->num_reads == 0) return true;
    const rdu_read& read = context_.graph.reads(node)[sum->reads[0]];
    return sum->num_reads == 1 && !context_.places.blocked(read.value) &&
           bias.take(lower_read(scope_of(context_, node), read), loop, false, match.channels());
  }

  // Does nobody but the chain look at it?
  bool inside(std::uint32_t value, const SeparableChain& chain) const {
    const Slot& slot = storage_.slots()[storage_.place_of(value).slot];
    return slot.kind == Slot::Kind::kScratch && slot.first + plan_first_ >= chain.first_node &&
           slot.last + plan_first_ < chain.end_node;
  }

  // Does what follows the last sum read a wide value?
  bool reads(std::uint32_t last, const SeparableChain& chain) const {
    int count = 0;
    for (const rdu_read& read : context_.graph.reads(context_.graph.nodes()[last])) {
      const std::uint32_t owner = context_.graph.storage(read.value);
      if (owner == context_.graph.storage(chain.depthwise.destination)) ++count;
      if (chain.expand && owner == context_.graph.storage(chain.depthwise.source)) count += 2;
    }
    return count != 1;
  }

  const BuildContext& context_;
  const StoragePlan& storage_;
  const std::uint32_t first_, end_, plan_first_;
};

}  // namespace

std::optional<SeparableChain> match_separable_chain(const BuildContext& context,
                                                    const StoragePlan& storage, std::uint32_t first,
                                                    std::uint32_t end, std::uint32_t plan_first) {
  return Matcher(context, storage, first, end, plan_first).match();
}

}  // namespace rdu::cpu
