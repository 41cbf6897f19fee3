// Writes a vector program: each call appends one instruction and returns its register.
#pragma once

#include <cstdint>

#include "sdk/artifact/model.hpp"

namespace rducc::ir {

// A register of the program being written, with its dtype.
struct Reg {
  std::uint32_t number = 0;
  rdu_dtype dtype = RDU_DTYPE_F32;
};

class Body {
 public:
  Reg load(std::uint32_t read, rdu_dtype dtype);
  Reg constant(rdu_dtype dtype, double value);  // rounded to the dtype; integers exactly up to 2^53
  Reg integer(rdu_dtype dtype, std::int64_t value);
  Reg index(std::uint32_t loop);   // I64
  Reg inside(std::uint32_t read);  // BOOL
  Reg acc(rdu_dtype dtype);
  Reg rng(rdu_dtype dtype, std::int64_t seed);
  Reg cast(Reg a, rdu_dtype dtype);  // nothing where the dtype is the same
  Reg unary(rdu_body_op op, Reg a);
  Reg binary(rdu_body_op op, Reg a, Reg b);  // comparisons yield BOOL
  Reg fma(Reg a, Reg b, Reg c);
  Reg select(Reg condition, Reg a, Reg b);
  Reg isnan(Reg a);
  Reg isinf(Reg a, bool positive, bool negative);

  Reg add(Reg a, Reg b) { return binary(RDU_OP_ADD, a, b); }
  Reg sub(Reg a, Reg b) { return binary(RDU_OP_SUB, a, b); }
  Reg mul(Reg a, Reg b) { return binary(RDU_OP_MUL, a, b); }
  Reg div(Reg a, Reg b) { return binary(RDU_OP_DIV, a, b); }
  Reg min(Reg a, Reg b) { return binary(RDU_OP_MIN, a, b); }
  Reg max(Reg a, Reg b) { return binary(RDU_OP_MAX, a, b); }
  Reg exp(Reg a) { return unary(RDU_OP_EXP, a); }
  Reg neg(Reg a) { return unary(RDU_OP_NEG, a); }
  Reg like(Reg a, double value) { return constant(a.dtype, value); }  // a constant of a's dtype

  void result(Reg a) { program_.results.push_back(a.number); }

  void require_results(rdu_dtype dtype);  // casts every result that has another dtype

  const rdu::artifact::Program& program() const { return program_; }

 private:
  Reg append(rdu_body_op op, rdu_dtype dtype, std::uint32_t a = 0, std::uint32_t b = 0,
             std::uint32_t c = 0, rdu::artifact::Scalar imm = {});
  rdu::artifact::Program program_;
};

}  // namespace rducc::ir
