// A GELU is a product of x, a half and 1 + f(x), in any order: the tree of products is taken apart from its root, and its
// factors are looked at.
#include "plugins/cpu/body/fuse_gelu.hpp"

#include <algorithm>
#include <optional>

#include "plugins/cpu/body/operation_finder.hpp"

namespace rdu::cpu {
namespace {

using Registers = std::vector<std::uint32_t>;

struct Gelu {
  VectorFn fn = nullptr;
  std::uint32_t x = 0;
  float scale = 0, cubic = 0;
  Registers parts;  // that nobody else needs
};

// A product's factors: registers, and all constants as one.
struct Factors {
  Registers registers;
  float constant = 1;
};

class GeluFinder {
 public:
  GeluFinder(const Body& body, const Kernels& kernels)
      : finder_(body, kernels), kernels_(kernels) {}

  std::optional<Gelu> find(const Operation& root) {
    if (!finder_.is(root, RDU_OP_MUL)) return {};
    gelu_ = {};
    Factors factors;
    take(root.a, factors);
    take(root.b, factors);
    if (factors.registers.size() != 2 || factors.constant != 0.5f) return {};
    for (const std::size_t i : {0, 1}) {
      const Registers parts = gelu_.parts;
      gelu_.x = factors.registers[1 - i];
      const Operation* sum = finder_.only(factors.registers[i], RDU_OP_ADD);
      if (sum != nullptr && one_and_function(*sum)) return gelu_;
      gelu_.parts = parts;
    }
    return {};
  }

 private:
  // Adds the factors of a register: of a product that nobody else needs, or itself.
  void take(std::uint32_t reg, Factors& factors) {
    if (const auto value = finder_.constant(reg)) {
      factors.constant *= *value;
    } else if (const Operation* product = finder_.only(reg, RDU_OP_MUL)) {
      gelu_.parts.push_back(reg);
      take(product->a, factors);
      take(product->b, factors);
    } else {
      factors.registers.push_back(reg);
    }
  }

  bool one_and_function(const Operation& sum) {
    const bool first = finder_.is_constant(sum.a, 1.0f);
    if (!first && !finder_.is_constant(sum.b, 1.0f)) return false;
    const std::uint32_t value = first ? sum.b : sum.a;
    gelu_.parts.insert(gelu_.parts.end(), {sum.reg, value});
    if (const Operation* erf = finder_.only(value, RDU_OP_ERF)) {
      gelu_.fn = kernels_.gelu.vector;
      return scaled_x(erf->a);
    }
    const Operation* tanh = finder_.only(value, RDU_OP_TANH);
    gelu_.fn = kernels_.tanh_gelu.vector;
    return tanh != nullptr && scaled_cubic(tanh->a);
  }

  // scale * x, or x / (1 / scale).
  bool scaled_x(std::uint32_t reg) {
    if (const Operation* quotient = finder_.only(reg, RDU_OP_DIV)) {
      const auto divisor = finder_.constant(quotient->b);
      gelu_.parts.push_back(reg);
      gelu_.scale = divisor ? 1.0f / *divisor : 0;
      return divisor && quotient->a == gelu_.x;
    }
    Factors factors;
    take(reg, factors);
    gelu_.scale = factors.constant;
    return factors.registers == Registers{gelu_.x};
  }

  // scale * (x + cubic * x³).
  bool scaled_cubic(std::uint32_t reg) {
    Factors factors;
    take(reg, factors);
    gelu_.scale = factors.constant;
    const Operation* sum =
        factors.registers.size() != 1 ? nullptr : finder_.only(factors.registers[0], RDU_OP_ADD);
    if (sum == nullptr || (sum->a != gelu_.x && sum->b != gelu_.x)) return false;
    gelu_.parts.push_back(sum->reg);
    return cubic_of_x(sum->a == gelu_.x ? sum->b : sum->a);
  }

  // cubic * x * x * x, or cubic * pow(x, 3).
  bool cubic_of_x(std::uint32_t reg) {
    Factors factors;
    take(reg, factors);
    gelu_.cubic = factors.constant;
    if (factors.registers.size() == 1) {
      const Operation* power = finder_.only(factors.registers[0], RDU_OP_POW);
      if (power == nullptr || !finder_.is_constant(power->b, 3.0f)) return false;
      gelu_.parts.push_back(power->reg);
      return power->a == gelu_.x;
    }
    return factors.registers == Registers(3, gelu_.x);
  }

  const OperationFinder finder_;
  const Kernels& kernels_;
  Gelu gelu_;
};

}  // namespace

void fuse_gelu(Body& body, const Kernels& kernels) {
  GeluFinder finder(body, kernels);
  for (std::size_t i = 0; i < body.operations.size(); ++i) {
    const auto gelu = finder.find(body.operations[i]);
    if (!gelu) continue;
    const std::uint32_t scale = add_constant(body, gelu->scale);
    const std::uint32_t cubic = add_constant(body, gelu->cubic);
    const std::uint32_t result = body.operations[i].reg;
    replace_operations(body, i, {gelu->fn, result, 0, gelu->x, scale, cubic}, gelu->parts);
    i = 0;
  }
  std::erase_if(body.constants, [&](const Constant& c) {
    const bool needed = std::any_of(
        body.operations.begin(), body.operations.end(),
        [&](const Operation& o) { return o.a == c.reg || o.b == c.reg || o.c == c.reg; });
    return !needed &&
           std::find(body.results.begin(), body.results.end(), c.reg) == body.results.end();
  });
}

}  // namespace rdu::cpu
