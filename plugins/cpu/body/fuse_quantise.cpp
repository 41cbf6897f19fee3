// Looks for the operations from the cast to bytes backwards; a zero point of 0 may be left out.
#include "plugins/cpu/body/fuse_quantise.hpp"

#include <limits>

#include "plugins/cpu/body/operation_finder.hpp"

namespace rdu::cpu {
namespace {

class Quantisation {
 public:
  Quantisation(Body& body, const Kernels& kernels) : body_(body), finder_(body, kernels) {}

  // From the operand of the cast to the divisor; afterwards `parts` are the registers that nobody else needs.
  bool match(std::uint32_t reg, float low, float high) {
    float bound = 0;
    zero_point_ = 0;
    const bool bounded = peel(reg, RDU_OP_MIN, bound) && bound == high &&
                         peel(reg, RDU_OP_MAX, bound) && bound == low;
    if (!bounded) return false;
    peel(reg, RDU_OP_ADD, zero_point_);
    const Operation* round = finder_.only(reg, RDU_OP_ROUND);
    if (round == nullptr) return false;
    parts.push_back(reg);
    reg = round->a;
    if (!peel(reg, RDU_OP_DIV, divisor_)) return false;
    source_ = reg;
    return true;
  }

  Operation operation(VectorFn fn, std::uint32_t result) {
    return {
        fn, result, 0, source_, add_constant(body_, divisor_), add_constant(body_, zero_point_)};
  }

  std::vector<std::uint32_t> parts;

 private:
  // An operation with a constant on its right: `reg` becomes what is on its left.
  bool peel(std::uint32_t& reg, std::uint32_t op, float& constant) {
    const Operation* found = finder_.only(reg, op);
    const auto value = found == nullptr ? std::nullopt : finder_.constant(found->b);
    if (!value) return false;
    constant = *value;
    parts.push_back(reg);
    reg = found->a;
    return true;
  }

  Body& body_;
  const OperationFinder finder_;
  std::uint32_t source_ = 0;
  float divisor_ = 1, zero_point_ = 0;
};

template <class Byte>
bool fuse(Body& body, const Kernels& kernels, std::size_t index, rdu_dtype dtype, VectorFn fn) {
  const Operation cast = body.operations[index];
  if (cast.fn == nullptr || cast.fn != kernels.cast[RDU_DTYPE_F32][dtype]) return false;
  Quantisation found(body, kernels);
  if (!found.match(cast.a, std::numeric_limits<Byte>::min(), std::numeric_limits<Byte>::max()))
    return false;
  replace_operations(body, index, found.operation(fn, cast.reg), found.parts);
  return true;
}

}  // namespace

void fuse_quantise(Body& body, const Kernels& kernels) {
  const ByteKernels& bytes = select_integers(kernels).bytes;
  for (std::size_t i = 0; i < body.operations.size();) {
    const bool fused = fuse<std::uint8_t>(body, kernels, i, RDU_DTYPE_U8, bytes.quantise[0]) ||
                       fuse<std::int8_t>(body, kernels, i, RDU_DTYPE_I8, bytes.quantise[1]);
    i = fused ? 0 : i + 1;
  }
}

}  // namespace rdu::cpu
