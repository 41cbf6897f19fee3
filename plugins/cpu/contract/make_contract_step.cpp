// The step for a contract: a library call where the accesses are those of a known shape, else a reduce.
#include "plugins/cpu/contract/bf16/steps.hpp"
#include "plugins/cpu/contract/contract_step.hpp"

namespace rdu::cpu {

std::unique_ptr<Step> make_contract_step(const BuildContext& context, const rdu_node& node) {
  if (auto step = make_convolution_step(context, node)) return step;
  if (auto step = make_narrow_convolution_step(context, node)) return step;
  if (auto step = make_narrow_matmul_step(context, node)) return step;
  if (const auto operands = plain_operands(context, node)) {
    const auto make =
        bounded_loops(context, node) == 0 ? make_matmul_step : make_bounded_matmul_step;
    if (auto step = make(context, node, *operands)) return step;
    if (auto step = make_gathered_step(context, node, *operands)) return step;
  } else if (auto step = make_computed_operand_step(context, node)) {
    return step;
  }
  if (auto step = make_byte_convolution_step(context, node)) return step;
  if (auto step = make_integer_step(context, node)) return step;
  if (auto step = make_converted_step(context, node)) return step;
  return make_reduce_step(context, node);
}

}  // namespace rdu::cpu
