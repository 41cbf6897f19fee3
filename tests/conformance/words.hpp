// Short words for writing graphs in tests: loops, indices, programs, nodes.
#pragma once

#include <cstdint>
#include <initializer_list>
#include <utility>
#include <vector>

#include "sdk/artifact/model.hpp"

namespace conformance {

using rdu::artifact::Access;
using rdu::artifact::Index;
using rdu::artifact::kNone;
using rdu::artifact::Node;
using rdu::artifact::Program;
using rdu::artifact::Read;
using rdu::artifact::ValueId;
using rdu::artifact::Write;
using Dims = std::vector<std::int64_t>;

inline constexpr rdu_dtype F32 = RDU_DTYPE_F32, F64 = RDU_DTYPE_F64, F16 = RDU_DTYPE_F16,
                           BF16 = RDU_DTYPE_BF16, I8 = RDU_DTYPE_I8, I16 = RDU_DTYPE_I16,
                           I32 = RDU_DTYPE_I32, I64 = RDU_DTYPE_I64, U8 = RDU_DTYPE_U8,
                           U16 = RDU_DTYPE_U16, U32 = RDU_DTYPE_U32, U64 = RDU_DTYPE_U64,
                           I4 = RDU_DTYPE_I4, U4 = RDU_DTYPE_U4, BOOL = RDU_DTYPE_BOOL;

// The position of loop `l`; `2 * loop(0) + loop(1) - 1` is an index.
inline Index loop(std::uint32_t l) {
  Index index;
  index.terms.push_back({l, 1});
  return index;
}
inline Index fixed(std::int64_t offset) {
  Index index;
  index.offset = offset;
  return index;
}
inline Index operator+(Index a, const Index& b) {
  a.offset += b.offset;
  a.terms.insert(a.terms.end(), b.terms.begin(), b.terms.end());
  return a;
}
inline Index operator+(Index a, std::int64_t offset) {
  a.offset += offset;
  return a;
}
inline Index operator-(Index a, std::int64_t offset) { return std::move(a) + -offset; }
inline Index operator*(std::int64_t factor, Index a) {
  a.offset *= factor;
  for (auto& term : a.terms) term.coef *= factor;
  return a;
}
inline Index operator/(Index a, std::int64_t div) {
  a.div = div;
  return a;
}
inline Index operator%(Index a, std::int64_t mod) {
  a.mod = mod;
  return a;
}
inline Index exactly(Index a) {
  a.exact = true;
  return a;
}
inline Index with(std::uint32_t outside, Index a) {
  a.outside = outside;
  return a;
}
// The element of `source` at `access`; ERROR where it leads outside, unless another rule is set.
inline Index indirect(ValueId source, Access access) {
  Index index;
  index.source = source;
  index.source_access = std::move(access);
  index.outside = RDU_OUTSIDE_ERROR;
  return index;
}

inline Read read(ValueId value, Access access) {
  Read r;
  r.value = value;
  r.access = std::move(access);
  return r;
}
inline Read read(ValueId value, Access access, double fill) {
  Read r = read(value, std::move(access));
  r.fill = {fill, static_cast<std::int64_t>(fill)};
  return r;
}

// Straight-line code; every word yields a register.
class Code {
 public:
  std::uint32_t load(std::uint32_t number, rdu_dtype dtype) {
    return add(RDU_OP_LOAD, dtype, number);
  }
  std::uint32_t inside(std::uint32_t number) { return add(RDU_OP_INSIDE, BOOL, number); }
  std::uint32_t index(std::uint32_t number) { return add(RDU_OP_INDEX, I64, number); }
  std::uint32_t acc(rdu_dtype dtype) { return add(RDU_OP_ACC, dtype, 0); }
  std::uint32_t number(rdu_dtype dtype, double value) {
    const std::uint32_t r = add(RDU_OP_CONST, dtype, 0);
    program_.code[r].imm = {value, static_cast<std::int64_t>(value)};
    return r;
  }
  std::uint32_t op(rdu_body_op op, rdu_dtype dtype, std::uint32_t a, std::uint32_t b = 0,
                   std::uint32_t c = 0, std::int64_t imm = 0) {
    const std::uint32_t r = add(op, dtype, a, b, c);
    program_.code[r].imm.i = imm;
    return r;
  }
  Program result(std::initializer_list<std::uint32_t> registers) {
    program_.results = registers;
    return program_;
  }

 private:
  std::uint32_t add(rdu_body_op op, rdu_dtype dtype, std::uint32_t a, std::uint32_t b = 0,
                    std::uint32_t c = 0) {
    rdu::artifact::Instr instr;
    instr.op = op;
    instr.dtype = dtype;
    instr.a = a;
    instr.b = b;
    instr.c = c;
    program_.code.push_back(instr);
    return static_cast<std::uint32_t>(program_.code.size() - 1);
  }
  Program program_;
};

inline std::uint32_t sigmoid(Code& code, std::uint32_t x) {
  const auto exp = code.op(RDU_OP_EXP, F32, code.op(RDU_OP_NEG, F32, x));
  return code.op(RDU_OP_RCP, F32, code.op(RDU_OP_ADD, F32, code.number(F32, 1), exp));
}

// The body that is read 0 and nothing more.
inline Program copy_of(rdu_dtype dtype) {
  Code code;
  const std::uint32_t x = code.load(0, dtype);
  return code.result({x});
}

inline Node node(rdu_pattern pattern, const Dims& extents, std::size_t num_parallel) {
  Node n;
  n.pattern = pattern;
  n.num_parallel = static_cast<std::uint32_t>(num_parallel);
  for (const std::int64_t extent : extents) n.loops.push_back({extent, kNone, RDU_LOOP_PLAIN});
  return n;
}
inline Node map(const Dims& extents) { return node(RDU_PATTERN_MAP, extents, extents.size()); }
inline Node reduce(const Dims& extents, std::size_t num_parallel, rdu_combine_op combine,
                   rdu_dtype acc_dtype) {
  Node n = node(RDU_PATTERN_REDUCE, extents, num_parallel);
  n.combine = combine;
  n.acc_dtype = acc_dtype;
  return n;
}
inline Node contract(const Dims& extents, std::size_t num_parallel,
                     std::initializer_list<std::uint32_t> roles, rdu_dtype dtype,
                     rdu_dtype acc_dtype) {
  Node n = node(RDU_PATTERN_CONTRACT, extents, num_parallel);
  std::size_t l = 0;
  for (const std::uint32_t role : roles) n.loops[l++].role = role;
  n.combine = RDU_COMBINE_ADD;
  n.acc_dtype = acc_dtype;
  Code code;
  const std::uint32_t p = code.load(0, dtype), q = code.load(1, dtype);
  n.body = code.result({p, q});
  return n;
}

}  // namespace conformance
