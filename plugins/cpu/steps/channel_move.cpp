// Reads the channels off the plain strides of a map.
#include "plugins/cpu/steps/channel_move.hpp"

#include <algorithm>

#include "plugins/cpu/steps/node_scope.hpp"

namespace rdu::cpu {
namespace {

struct Owner {
  std::uint32_t value = 0;
  std::int64_t images = 1, channels = 1, points = 1;
};

std::optional<Owner> owner_of(const plugin::Graph& graph, std::uint32_t v,
                              const ChannelsOf& channels_of) {
  Owner owner{graph.storage(v)};
  const rdu_value& value = graph.value(owner.value);
  owner.channels = channels_of(owner.value);
  if (owner.channels == 0 || graph.value(v).dtype != RDU_DTYPE_F32) return {};
  owner.images = value.dims[0];
  owner.points = plugin::num_elements(value) / (owner.images * owner.channels);
  return owner;
}

class Matcher {
 public:
  Matcher(const BuildContext& context, const rdu_node& node, const ChannelsOf& channels_of)
      : graph_(context.graph), channels_of_(channels_of) {
    scope_ = std::make_unique<NodeScope>(scope_of(context, node));
    scope_->as_plain = true;
  }

  std::optional<ChannelMove> match(const rdu_node& node) {
    const auto code = graph_.instrs(node.body);
    const bool static_map = node.pattern == RDU_PATTERN_MAP && node.body.num_results == 1 &&
                            graph_.writes(node).size() == 1 &&
                            code[graph_.results(node.body)[0]].op == RDU_OP_LOAD;
    if (!static_map || !fixed_loops(node)) return {};
    const rdu_read& read = graph_.reads(node)[code[graph_.results(node.body)[0]].a];
    const rdu_write& write = graph_.writes(node)[0];
    const auto source = owner_of(graph_, read.value, channels_of_);
    const auto target = owner_of(graph_, write.value, channels_of_);
    if (!source || !target || source->points != target->points) return {};
    from_ = lower_read(*scope_, read);
    to_ = lower_write(*scope_, write);
    if (!from_.clips.empty() || !from_.computed.empty() || !to_.affine()) return {};
    ChannelMove move{source->value, target->value, 1, source->points, {}, {}};
    if (!sort_loops(*source, *target, move)) return {};
    if (!list_channels(from_, source->channels, move.points, move.from)) return {};
    if (!list_channels(to_, target->channels, move.points, move.to)) return {};
    return move;
  }

 private:
  bool fixed_loops(const rdu_node& node) const {
    for (const rdu_loop& loop : graph_.loops(node)) {
      if (loop.extent_value != RDU_NONE || loop.extent == 0) return false;
    }
    return true;
  }

  bool tabulated(std::uint32_t loop) const {
    return std::any_of(from_.tables.begin(), from_.tables.end(),
                       [&](const Table& table) { return table.loop == loop; });
  }

  // Images, channels, points: a loop runs over one of them, and points run alike on both sides.
  bool sort_loops(const Owner& source, const Owner& target, ChannelMove& move) {
    std::int64_t points = 1, span = 0;
    for (std::uint32_t l = 0; l < scope_->num_loops; ++l) {
      const std::int64_t extent = scope_->extents[l], to = to_.stride[l], from = from_.stride[l];
      if (extent == 1) continue;
      if (to > 0 && to < move.points) {
        if (from != to || tabulated(l)) return false;
        points *= extent;
        span += to * (extent - 1);
      } else if (to == target.channels * move.points && extent == target.images) {
        if (from != source.channels * move.points || tabulated(l)) return false;
        move.images = extent;
      } else {
        channel_loops_.push_back(l);
      }
    }
    const bool all_images = source.images == move.images && target.images == move.images;
    return points == move.points && span == move.points - 1 && all_images;
  }

  // The channel at each position of the loops over channels, the last loop fastest.
  bool list_channels(const Access& access, std::int64_t channels, std::int64_t points,
                     std::vector<std::int64_t>& out) const {
    std::vector<std::int64_t> offsets{access.base};
    for (const std::uint32_t loop : channel_loops_) {
      std::vector<std::int64_t> next;
      const std::vector<std::int64_t>* table = nullptr;
      for (const Table& t : access.tables) {
        if (t.loop == loop) table = t.offsets.get();
      }
      for (const std::int64_t first : offsets) {
        for (std::int64_t i = 0; i < scope_->extents[loop]; ++i) {
          const std::int64_t entry = table == nullptr ? 0 : (*table)[static_cast<std::size_t>(i)];
          if (entry < 0) return false;
          next.push_back(first + access.stride[loop] * i + entry);
        }
      }
      offsets = std::move(next);
    }
    for (const std::int64_t offset : offsets) {
      const std::int64_t channel = offset / points;
      if (offset < 0 || offset % points != 0 || channel >= channels) return false;
      out.push_back(channel);
    }
    return true;
  }

  const plugin::Graph graph_;
  const ChannelsOf& channels_of_;
  std::unique_ptr<NodeScope> scope_;
  Access from_, to_;
  std::vector<std::uint32_t> channel_loops_;
};

}  // namespace

std::optional<ChannelMove> match_channel_move(const BuildContext& context, const rdu_node& node,
                                              const ChannelsOf& channels_of) {
  return Matcher(context, node, channels_of).match(node);
}

}  // namespace rdu::cpu
