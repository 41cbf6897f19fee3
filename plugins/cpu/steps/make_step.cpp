// The step for a node, by its pattern.
#include "plugins/cpu/contract/bf16/steps.hpp"
#include "plugins/cpu/steps/node_scope.hpp"

namespace rdu::cpu {
namespace {

std::unique_ptr<Step> make(const BuildContext& context, const rdu_node& node) {
  switch (node.pattern) {
    case RDU_PATTERN_GATHER:
      return node.combine == RDU_COMBINE_NONE ? make_map_step(context, node)
                                              : make_reduce_step(context, node);
    case RDU_PATTERN_REDUCE:
      if (auto step = make_image_sum_step(context, node)) return step;
      if (auto step = make_pool_step(context, node)) return step;
      if (auto step = make_narrow_pool_step(context, node)) return step;
      return make_reduce_step(context, node);
    case RDU_PATTERN_CONTRACT:
      return make_contract_step(context, node);
    case RDU_PATTERN_SCATTER:
      return make_scatter_step(context, node);
    case RDU_PATTERN_SCAN:
      return make_scan_step(context, node);
    case RDU_PATTERN_FILTER:
      return make_filter_step(context, node);
    case RDU_PATTERN_SORT:
      return make_sort_step(context, node);
    case RDU_PATTERN_CONTROL:
      return make_control_step(context, node);
    default:
      if (auto step = make_channel_move_step(context, node)) return step;
      return make_map_step(context, node);
  }
}

}  // namespace

std::unique_ptr<Step> make_step(const BuildContext& context, const rdu_node& node) {
  std::unique_ptr<Step> step = make(context, node);
  step->name = node.name;
  return step;
}

}  // namespace rdu::cpu
