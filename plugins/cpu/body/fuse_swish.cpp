// Looks for the five operations from the product backwards.
#include "plugins/cpu/body/fuse_swish.hpp"

#include "plugins/cpu/body/operation_finder.hpp"

namespace rdu::cpu {
namespace {

// Is the register 1 / (1 + exp(-x))? `parts` are the registers that nobody else needs then.
bool is_sigmoid(const OperationFinder& finder, std::uint32_t reg, std::uint32_t x,
                std::vector<std::uint32_t>& parts) {
  const Operation* rcp = finder.only(reg, RDU_OP_RCP);
  const Operation* sum = rcp == nullptr ? nullptr : finder.only(rcp->a, RDU_OP_ADD);
  if (sum == nullptr) return false;
  const bool first = finder.is_constant(sum->a, 1.0f);
  if (!first && !finder.is_constant(sum->b, 1.0f)) return false;
  const Operation* exp = finder.only(first ? sum->b : sum->a, RDU_OP_EXP);
  const Operation* neg = exp == nullptr ? nullptr : finder.only(exp->a, RDU_OP_NEG);
  if (neg == nullptr || neg->a != x) return false;
  parts = {reg, rcp->a, exp->reg, neg->reg};
  return true;
}

}  // namespace

void fuse_swish(Body& body, const Kernels& kernels) {
  const OperationFinder finder(body, kernels);
  std::vector<std::uint32_t> parts;
  for (std::size_t i = 0; i < body.operations.size(); ++i) {
    const Operation product = body.operations[i];
    if (!finder.is(product, RDU_OP_MUL)) continue;
    std::uint32_t x = product.a;
    if (!is_sigmoid(finder, product.b, x, parts)) {
      x = product.b;
      if (!is_sigmoid(finder, product.a, x, parts)) continue;
    }
    replace_operations(body, i, {kernels.swish.vector, product.reg, 0, x, x, x}, parts);
    i = 0;
  }
}

}  // namespace rdu::cpu
