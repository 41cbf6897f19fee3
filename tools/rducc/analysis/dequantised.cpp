// Follows the operands of a result backwards.
#include "tools/rducc/analysis/dequantised.hpp"

namespace rducc::analysis {
namespace {

using rdu::artifact::Instr;
using rdu::artifact::Node;
using rdu::artifact::Program;
using rdu::artifact::Scalar;

// The range of an 8-bit dtype, 0 and 0 for all others.
Scalar highest(rdu_dtype dtype) {
  return dtype == RDU_DTYPE_U8   ? Scalar{255, 255}
         : dtype == RDU_DTYPE_I8 ? Scalar{127, 127}
                                 : Scalar{};
}
Scalar lowest(rdu_dtype dtype) { return dtype == RDU_DTYPE_I8 ? Scalar{-128, -128} : Scalar{}; }

class Matcher {
 public:
  explicit Matcher(const Program& program) : code_(program.code) {}

  const Instr& at(std::uint32_t reg) const { return code_[reg]; }

  bool is(std::uint32_t reg, rdu_body_op op, rdu_dtype dtype) const {
    return code_[reg].op == op && code_[reg].dtype == dtype;
  }

  bool is_constant(std::uint32_t reg, double value) const {
    return code_[reg].op == RDU_OP_CONST && code_[reg].imm.f == value;
  }

  // A constant or a load, seen through a cast.
  std::optional<Parameter> parameter(std::uint32_t reg) const {
    const Instr& instr = code_[reg];
    if (instr.op == RDU_OP_CONST) return Parameter{instr.imm, RDU_NONE};
    if (instr.op == RDU_OP_LOAD) return Parameter{{}, instr.a};
    if (instr.op == RDU_OP_CAST && code_[instr.a].op == RDU_OP_LOAD) {
      return Parameter{{}, code_[instr.a].a};
    }
    return std::nullopt;
  }

  // cast(x, I32) [- zero_point]: the register of x.
  std::optional<std::uint32_t> centred(std::uint32_t reg, Parameter& zero_point) const {
    if (is(reg, RDU_OP_SUB, RDU_DTYPE_I32)) {
      const auto zero = parameter(code_[reg].b);
      if (!zero) return std::nullopt;
      zero_point = *zero;
      reg = code_[reg].a;
    }
    if (!is(reg, RDU_OP_CAST, RDU_DTYPE_I32)) return std::nullopt;
    return code_[reg].a;
  }

  // cast(centred, F32) · scale: the register of x.
  std::optional<std::uint32_t> scaled(std::uint32_t reg, Parameter& zero_point,
                                      Parameter& scale) const {
    if (!is(reg, RDU_OP_MUL, RDU_DTYPE_F32)) return std::nullopt;
    for (const auto& [product, factor] :
         {std::pair(code_[reg].a, code_[reg].b), std::pair(code_[reg].b, code_[reg].a)}) {
      const auto found = parameter(factor);
      if (!found || !is(product, RDU_OP_CAST, RDU_DTYPE_F32)) continue;
      const auto x = centred(code_[product].a, zero_point);
      if (!x) continue;
      scale = *found;
      return x;
    }
    return std::nullopt;
  }

 private:
  const std::vector<Instr>& code_;
};

}  // namespace

bool is_narrow_integer(rdu_dtype dtype) {
  return dtype == RDU_DTYPE_I8 || dtype == RDU_DTYPE_U8 || dtype == RDU_DTYPE_I4 ||
         dtype == RDU_DTYPE_U4;
}

std::optional<Dequantised> match_dequantised(const Program& program, std::uint32_t result) {
  const Matcher match(program);
  const Instr& last = match.at(result);
  if (last.op == RDU_OP_CAST && (last.dtype == RDU_DTYPE_F16 || last.dtype == RDU_DTYPE_BF16)) {
    result = last.a;
  }
  Dequantised found;
  const auto x = match.scaled(result, found.zero_point, found.scale);
  if (!x || match.at(*x).op != RDU_OP_LOAD || !is_narrow_integer(match.at(*x).dtype)) {
    return std::nullopt;
  }
  found.x = match.at(*x).a;
  return found;
}

std::optional<Dequantised> match_dequantised(const Node& node) {
  if (node.pattern != RDU_PATTERN_MAP || node.body.results.size() != 1) return std::nullopt;
  return match_dequantised(node.body, node.body.results[0]);
}

std::optional<std::uint32_t> match_round_trip(const Program& program, std::uint32_t result) {
  const Matcher match(program);
  const rdu_dtype dtype = match.at(result).dtype;
  if (highest(dtype).i == 0 || match.at(result).op != RDU_OP_CAST) return std::nullopt;
  std::uint32_t reg = match.at(result).a;
  const auto peel = [&](rdu_body_op op) -> std::optional<std::uint32_t> {
    if (!match.is(reg, op, RDU_DTYPE_F32)) return std::nullopt;
    const std::uint32_t other = match.at(reg).b;
    reg = match.at(reg).a;
    return other;
  };
  const auto above = peel(RDU_OP_MIN), below = above ? peel(RDU_OP_MAX) : above;
  if (!below || !match.is_constant(*above, highest(dtype).f) ||
      !match.is_constant(*below, lowest(dtype).f)) {
    return std::nullopt;
  }
  double zero = 0;
  if (const auto added = peel(RDU_OP_ADD)) {
    if (match.at(*added).op != RDU_OP_CONST) return std::nullopt;
    zero = match.at(*added).imm.f;
  }
  if (!match.is(reg, RDU_OP_ROUND, RDU_DTYPE_F32)) return std::nullopt;
  reg = match.at(reg).a;
  const auto divisor = peel(RDU_OP_DIV);
  Parameter zero_point, scale;
  const auto x = divisor ? match.scaled(reg, zero_point, scale) : std::nullopt;
  if (!x || match.at(*x).dtype != dtype || !zero_point.is_constant() || !scale.is_constant()) {
    return std::nullopt;
  }
  const bool same = match.is_constant(*divisor, scale.constant.f) && scale.constant.f > 0 &&
                    static_cast<double>(zero_point.constant.i) == zero;
  return same ? x : std::nullopt;
}

}  // namespace rducc::analysis
