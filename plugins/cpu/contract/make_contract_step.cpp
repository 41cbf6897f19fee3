// The step for a contract: a library call where the accesses are those of a known shape, else a reduce.
#include "plugins/cpu/steps/node_scope.hpp"

namespace rdu::cpu {

std::unique_ptr<Step> make_contract_step(const BuildContext& context, const rdu_node& node) {
  return make_reduce_step(context, node);
}

}  // namespace rdu::cpu
