// A window as large as the image, without a border.
#include "plugins/cpu/steps/image_sum.hpp"

#include "plugins/cpu/steps/pool_shape.hpp"

namespace rdu::cpu {
namespace {

bool covers(const plugin::Graph& graph, const rdu_node& node, const PoolDimension& d) {
  const std::int64_t taps = d.tap_loop == kMaxLoops ? 1 : graph.loops(node)[d.tap_loop].extent;
  return d.result_loop == kMaxLoops && d.offset == 0 && taps == d.extent &&
         (d.dilation == 1 || taps == 1);
}

// The loop that walks dimension `number` from its first position to its last; kMaxLoops where it has one position.
std::optional<std::uint32_t> loop_along(const plugin::Graph& graph, const rdu_node& node,
                                        const rdu_read& read, std::size_t number) {
  const rdu_index& index = graph.indices(read)[number];
  std::uint32_t loop = kMaxLoops;
  if (index.offset != 0 || index.div != 1 || index.mod != 0 || index.source != RDU_NONE) return {};
  for (const rdu_term& term : graph.terms(index)) {
    if (graph.loops(node)[term.loop].extent == 1) continue;
    if (loop != kMaxLoops || term.coef != 1) return {};
    loop = term.loop;
  }
  const std::int64_t extent = loop == kMaxLoops ? 1 : graph.loops(node)[loop].extent;
  return extent == graph.value(read.value).dims[number] ? std::optional(loop) : std::nullopt;
}

}  // namespace

std::optional<ImageSum> match_image_sum(const plugin::Graph& graph, const rdu_node& node) {
  const auto pool = match_windows(graph, node);
  if (!pool || !pool->widens || graph.reads(node).size() != 1) return {};
  const rdu_read& read = graph.reads(node)[0];
  if (graph.value(read.value).rank != 4) return {};
  if (!covers(graph, node, pool->y) || !covers(graph, node, pool->x)) return {};
  const auto image = loop_along(graph, node, read, 0), channel = loop_along(graph, node, read, 1);
  if (!image || !channel || *channel == kMaxLoops) return {};
  for (std::uint32_t l = 0; l < node.num_parallel; ++l) {
    if (graph.loops(node)[l].extent != 1 && l != *image && l != *channel) return {};
  }
  return ImageSum{read.value, pool->zero, *image, *channel};
}

}  // namespace rdu::cpu
