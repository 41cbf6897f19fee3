// Appends instructions to a vector program.
#include "tools/rducc/ir/body.hpp"

#include "tools/rducc/ir/element.hpp"

namespace rducc::ir {
namespace {

bool is_comparison(rdu_body_op op) { return op >= RDU_OP_EQ && op <= RDU_OP_GE; }

}  // namespace

Reg Body::append(rdu_body_op op, rdu_dtype dtype, std::uint32_t a, std::uint32_t b, std::uint32_t c,
                 rdu::artifact::Scalar imm) {
  program_.code.push_back({op, dtype, a, b, c, imm});
  return {static_cast<std::uint32_t>(program_.code.size() - 1), dtype};
}

Reg Body::load(std::uint32_t read, rdu_dtype dtype) { return append(RDU_OP_LOAD, dtype, read); }

Reg Body::constant(rdu_dtype dtype, double value) {
  if (!is_float(dtype)) return integer(dtype, saturate_to(dtype, value));
  return append(RDU_OP_CONST, dtype, 0, 0, 0, {round_to(dtype, value), 0});
}

Reg Body::integer(rdu_dtype dtype, std::int64_t value) {
  if (is_float(dtype)) return constant(dtype, static_cast<double>(value));
  return append(RDU_OP_CONST, dtype, 0, 0, 0, {0, wrap_to(dtype, value)});
}

Reg Body::index(std::uint32_t loop) { return append(RDU_OP_INDEX, RDU_DTYPE_I64, loop); }
Reg Body::inside(std::uint32_t read) { return append(RDU_OP_INSIDE, RDU_DTYPE_BOOL, read); }
Reg Body::acc(rdu_dtype dtype) { return append(RDU_OP_ACC, dtype); }

Reg Body::rng(rdu_dtype dtype, std::int64_t seed) {
  return append(RDU_OP_RNG, dtype, 0, 0, 0, {0, seed});
}

Reg Body::cast(Reg a, rdu_dtype dtype) {
  return a.dtype == dtype ? a : append(RDU_OP_CAST, dtype, a.number);
}

Reg Body::unary(rdu_body_op op, Reg a) { return append(op, a.dtype, a.number); }

Reg Body::binary(rdu_body_op op, Reg a, Reg b) {
  return append(op, is_comparison(op) ? RDU_DTYPE_BOOL : a.dtype, a.number, b.number);
}

Reg Body::fma(Reg a, Reg b, Reg c) {
  return append(RDU_OP_FMA, a.dtype, a.number, b.number, c.number);
}

Reg Body::select(Reg condition, Reg a, Reg b) {
  return append(RDU_OP_SELECT, a.dtype, condition.number, a.number, b.number);
}

Reg Body::isnan(Reg a) { return append(RDU_OP_ISNAN, RDU_DTYPE_BOOL, a.number); }

Reg Body::isinf(Reg a, bool positive, bool negative) {
  const std::int64_t detect = (positive ? 1 : 0) | (negative ? 2 : 0);
  return append(RDU_OP_ISINF, RDU_DTYPE_BOOL, a.number, 0, 0, {0, detect});
}

void Body::require_results(rdu_dtype dtype) {
  for (std::uint32_t& result : program_.results) {
    result = cast({result, program_.code[result].dtype}, dtype).number;
  }
}

}  // namespace rducc::ir
