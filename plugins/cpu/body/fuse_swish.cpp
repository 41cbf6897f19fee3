// Looks for the five operations by their kernels, from the product backwards.
#include "plugins/cpu/body/fuse_swish.hpp"

#include <algorithm>
#include <bit>

namespace rdu::cpu {
namespace {

class Finder {
 public:
  Finder(const Body& body, const Kernels& kernels) : body_(body), kernels_(kernels) {}

  // The register x of which `product` is the swish; `parts` are the operations that nobody else needs then.
  bool find(const Operation& product, std::uint32_t& x, std::vector<std::uint32_t>& parts) const {
    if (product.fn != kernel(RDU_OP_MUL)) return false;
    for (const auto& [value, sigmoid] : {std::pair{product.a, product.b}, {product.b, product.a}}) {
      x = value;
      parts.clear();
      if (is_sigmoid(sigmoid, x, parts)) return true;
    }
    return false;
  }

 private:
  VectorFn kernel(std::uint32_t op) const { return kernels_.op[op][RDU_DTYPE_F32]; }

  // The operation that computes a register for one other operation alone.
  const Operation* only(std::uint32_t reg, std::uint32_t op,
                        std::vector<std::uint32_t>& parts) const {
    const Operation* found = nullptr;
    int uses = static_cast<int>(std::count(body_.results.begin(), body_.results.end(), reg));
    for (const Operation& o : body_.operations) {
      if (o.reg == reg) found = &o;
      uses += o.a == reg || o.b == reg || o.c == reg;
    }
    if (found == nullptr || uses != 1 || found->fn != kernel(op)) return nullptr;
    parts.push_back(reg);
    return found;
  }

  bool is_sigmoid(std::uint32_t reg, std::uint32_t x, std::vector<std::uint32_t>& parts) const {
    const Operation* rcp = only(reg, RDU_OP_RCP, parts);
    const Operation* sum = rcp == nullptr ? nullptr : only(rcp->a, RDU_OP_ADD, parts);
    if (sum == nullptr) return false;
    const std::uint32_t power = is_one(sum->a) ? sum->b : sum->a;
    if (!is_one(sum->a) && !is_one(sum->b)) return false;
    const Operation* exp = only(power, RDU_OP_EXP, parts);
    const Operation* neg = exp == nullptr ? nullptr : only(exp->a, RDU_OP_NEG, parts);
    return neg != nullptr && neg->a == x;
  }

  bool is_one(std::uint32_t reg) const {
    return std::any_of(body_.constants.begin(), body_.constants.end(), [&](const Constant& c) {
      return c.reg == reg && c.bytes == 4 && c.bits == std::bit_cast<std::uint32_t>(1.0f);
    });
  }

  const Body& body_;
  const Kernels& kernels_;
};

}  // namespace

void fuse_swish(Body& body, const Kernels& kernels) {
  std::uint32_t x = 0;
  std::vector<std::uint32_t> parts;
  for (std::size_t i = 0; i < body.operations.size(); ++i) {
    if (!Finder(body, kernels).find(body.operations[i], x, parts)) continue;
    const std::uint32_t result = body.operations[i].reg;
    body.operations[i] = {kernels.swish, result, 0, x, x, x};
    std::erase_if(body.operations, [&](const Operation& o) {
      return std::find(parts.begin(), parts.end(), o.reg) != parts.end();
    });
    i = 0;
  }
}

}  // namespace rdu::cpu
