// One instruction of a vector program after another.
#include "tools/rducc/target/rdu/lower/body.hpp"

#include <algorithm>
#include <bit>
#include <limits>
#include <optional>

#include "drivers/image/functions.hpp"
#include "sdk/base/dtype.hpp"
#include "tools/rducc/target/rdu/lower/decline.hpp"
#include "tools/rducc/target/rdu/lower/special.hpp"
#include "tools/rducc/target/rdu/lower/words.hpp"

namespace rducc::rdu::lower {
namespace {

using artifact::Instr;

// Integers of 64 bits are computed in 32: each register knows what it may hold.
constexpr Range kInt32 = {std::numeric_limits<std::int32_t>::min(),
                          std::numeric_limits<std::int32_t>::max()};

struct Register {
  Value value;
  rdu_dtype dtype = RDU_DTYPE_F32;
  Range range = kInt32;
};

struct OpPair {
  rdu_body_op op;
  int float_op;  // RDU_HW_OP_ or -1
  int int_op;
};

constexpr OpPair kOps[] = {
    {RDU_OP_ADD, RDU_HW_OP_ADD_F32, RDU_HW_OP_ADD_I32},
    {RDU_OP_SUB, RDU_HW_OP_SUB_F32, RDU_HW_OP_SUB_I32},
    {RDU_OP_MUL, RDU_HW_OP_MUL_F32, RDU_HW_OP_MUL_I32},
    {RDU_OP_DIV, RDU_HW_OP_DIV_F32, RDU_HW_OP_DIV_I32},
    {RDU_OP_REM, -1, RDU_HW_OP_REM_I32},
    {RDU_OP_MOD, -1, RDU_HW_OP_MOD_I32},
    {RDU_OP_FMA, RDU_HW_OP_FMA_F32, RDU_HW_OP_MAD_I32},
    {RDU_OP_MIN, RDU_HW_OP_MIN_F32, RDU_HW_OP_MIN_I32},
    {RDU_OP_MAX, RDU_HW_OP_MAX_F32, RDU_HW_OP_MAX_I32},
    {RDU_OP_POW, RDU_HW_OP_POW_F32, -1},
    {RDU_OP_ATAN2, RDU_HW_OP_ATAN2_F32, -1},
    {RDU_OP_NEG, RDU_HW_OP_NEG_F32, RDU_HW_OP_NEG_I32},
    {RDU_OP_ABS, RDU_HW_OP_ABS_F32, RDU_HW_OP_ABS_I32},
    {RDU_OP_SIGN, RDU_HW_OP_SIGN_F32, RDU_HW_OP_SIGN_I32},
    {RDU_OP_SQRT, RDU_HW_OP_SQRT_F32, -1},
    {RDU_OP_RSQRT, RDU_HW_OP_RSQRT_F32, -1},
    {RDU_OP_RCP, RDU_HW_OP_RCP_F32, -1},
    {RDU_OP_EXP, RDU_HW_OP_EXP_F32, -1},
    {RDU_OP_LOG, RDU_HW_OP_LOG_F32, -1},
    {RDU_OP_TANH, RDU_HW_OP_TANH_F32, -1},
    {RDU_OP_ERF, RDU_HW_OP_ERF_F32, -1},
    {RDU_OP_SIN, RDU_HW_OP_SIN_F32, -1},
    {RDU_OP_COS, RDU_HW_OP_COS_F32, -1},
    {RDU_OP_TAN, RDU_HW_OP_TAN_F32, -1},
    {RDU_OP_ASIN, RDU_HW_OP_ASIN_F32, -1},
    {RDU_OP_ACOS, RDU_HW_OP_ACOS_F32, -1},
    {RDU_OP_ATAN, RDU_HW_OP_ATAN_F32, -1},
    {RDU_OP_SINH, RDU_HW_OP_SINH_F32, -1},
    {RDU_OP_COSH, RDU_HW_OP_COSH_F32, -1},
    {RDU_OP_ASINH, RDU_HW_OP_ASINH_F32, -1},
    {RDU_OP_ACOSH, RDU_HW_OP_ACOSH_F32, -1},
    {RDU_OP_ATANH, RDU_HW_OP_ATANH_F32, -1},
    {RDU_OP_FLOOR, RDU_HW_OP_FLOOR_F32, -1},
    {RDU_OP_CEIL, RDU_HW_OP_CEIL_F32, -1},
    {RDU_OP_ROUND, RDU_HW_OP_ROUND_F32, -1},
    {RDU_OP_TRUNC, RDU_HW_OP_TRUNC_F32, -1},
    {RDU_OP_EQ, RDU_HW_OP_EQ_F32, RDU_HW_OP_EQ_I32},
    {RDU_OP_NE, RDU_HW_OP_NE_F32, RDU_HW_OP_NE_I32},
    {RDU_OP_LT, RDU_HW_OP_LT_F32, RDU_HW_OP_LT_I32},
    {RDU_OP_LE, RDU_HW_OP_LE_F32, RDU_HW_OP_LE_I32},
    {RDU_OP_GT, RDU_HW_OP_GT_F32, RDU_HW_OP_GT_I32},
    {RDU_OP_GE, RDU_HW_OP_GE_F32, RDU_HW_OP_GE_I32},
    {RDU_OP_AND, -1, RDU_HW_OP_AND_WORD},
    {RDU_OP_OR, -1, RDU_HW_OP_OR_WORD},
    {RDU_OP_XOR, -1, RDU_HW_OP_XOR_WORD},
};

bool compares(rdu_body_op op) { return op >= RDU_OP_EQ && op <= RDU_OP_GE; }

class Programmer {
 public:
  Programmer(Simd& simd, const artifact::Program& program, const Surroundings& around)
      : simd_(simd), program_(program), around_(around) {}

  std::vector<Value> run() {
    registers_.resize(program_.code.size());
    std::vector<bool> wanted(program_.code.size());
    std::vector<std::uint32_t> wished;
    for (const std::uint32_t result : program_.results) wished.push_back(before_rounding(result));
    for (const std::uint32_t result : wished) wanted[result] = true;
    for (std::size_t i = program_.code.size(); i-- > 0;) {
      if (wanted[i]) mark_operands(program_.code[i], wanted);
    }
    for (std::size_t i = 0; i < program_.code.size(); ++i) {
      if (wanted[i]) registers_[i] = evaluate(program_.code[i]);
    }
    std::vector<Value> results;
    for (const std::uint32_t result : wished) results.push_back(registers_[result].value);
    return results;
  }

 private:
  // Who stores in bf16 rounds.
  std::uint32_t before_rounding(std::uint32_t result) const {
    const Instr& instr = program_.code[result];
    const bool rounds = instr.op == RDU_OP_CAST && instr.dtype == RDU_DTYPE_BF16 &&
                        is_float_word(program_.code[instr.a].dtype);
    return around_.stores && rounds ? instr.a : result;
  }

  static std::uint32_t num_operands(rdu_body_op op) {
    static constexpr std::uint8_t kOperands[] = {
#define X(name, number, operands) operands,
        RDU_BODY_OPS(X)
#undef X
    };
    return kOperands[op];
  }

  static void mark_operands(const Instr& instr, std::vector<bool>& wanted) {
    const std::uint32_t operands[] = {instr.a, instr.b, instr.c};
    for (std::uint32_t k = 0; k < num_operands(instr.op); ++k) wanted[operands[k]] = true;
  }

  const Register& a(const Instr& instr) const { return registers_[instr.a]; }
  const Register& b(const Instr& instr) const { return registers_[instr.b]; }
  const Register& c(const Instr& instr) const { return registers_[instr.c]; }

  Register evaluate(const Instr& instr) {
    require_dtype(instr.dtype);
    switch (instr.op) {
      case RDU_OP_LOAD: {
        const rdu_dtype dtype = around_.dtype(instr.a);
        const Range range = dtype == RDU_DTYPE_BOOL ? Range{0, 1} : kInt32;
        return {around_.element(instr.a), dtype, range};
      }
      case RDU_OP_CONST:
        return {
            Simd::word(word_of(instr.dtype, instr.imm)), instr.dtype, {instr.imm.i, instr.imm.i}};
      case RDU_OP_INDEX: {
        const Form& form = around_.nest->loop_values[instr.a];
        return {around_.integer(form), instr.dtype, around_.nest->range(form)};
      }
      case RDU_OP_ACC:
        return {around_.accumulated, around_.acc_dtype, kInt32};
      case RDU_OP_CAST:
        return cast(a(instr), instr.dtype);
      case RDU_OP_SELECT:
        return {compute(RDU_HW_OP_SELECT_WORD, a(instr).value, b(instr).value, c(instr).value),
                instr.dtype,
                {std::min(b(instr).range.low, c(instr).range.low),
                 std::max(b(instr).range.high, c(instr).range.high)}};
      case RDU_OP_NOT:
        if (instr.dtype == RDU_DTYPE_BOOL) {
          return {
              compute(RDU_HW_OP_XOR_WORD, a(instr).value, Simd::integer(1)), instr.dtype, {0, 1}};
        }
        return {compute(RDU_HW_OP_NOT_WORD, a(instr).value), instr.dtype, kInt32};
      case RDU_OP_ISNAN:
        return {compute(RDU_HW_OP_IS_NAN_F32, a(instr).value), instr.dtype, {0, 1}};
      case RDU_OP_ISINF:
        if (instr.imm.i != 3) decline(RDU_REASON_BODY_OP, "ISINF of one sign");
        return {compute(RDU_HW_OP_IS_INF_F32, a(instr).value), instr.dtype, {0, 1}};
      case RDU_OP_POW:
        return power(instr);
      case RDU_OP_ERF:
        return {emit_erf(simd_, a(instr).value, *around_.arch), instr.dtype, kInt32};
      default:
        return plain(instr);
    }
  }

  Value compute(int op, Value x, Value y = {}, Value z = {}) {
    const auto code = static_cast<rdu_hw_op>(op);
    if (!can_compute(*around_.arch, code)) {
      decline(RDU_REASON_BODY_OP, "operation " + std::to_string(op) + " of the chip");
    }
    return simd_.compute(code, x, y, z);
  }

  Register plain(const Instr& instr) {
    const auto row = std::find_if(std::begin(kOps), std::end(kOps),
                                  [&](const OpPair& pair) { return pair.op == instr.op; });
    const rdu_dtype dtype = compares(instr.op) ? a(instr).dtype : instr.dtype;
    const int op = row == std::end(kOps) ? -1 : is_float_word(dtype) ? row->float_op : row->int_op;
    if (op < 0) {
      decline(RDU_REASON_BODY_OP,
              "operation " + std::to_string(instr.op) + " on " + ::rdu::base::dtype_name(dtype));
    }
    const std::uint32_t operands = num_operands(instr.op);
    const Value value = compute(op, a(instr).value, operands > 1 ? b(instr).value : Value{},
                                operands > 2 ? c(instr).value : Value{});
    if (instr.dtype == RDU_DTYPE_BF16) {
      return {emit_bf16(simd_, value, *around_.arch), instr.dtype, kInt32};
    }
    return {value, instr.dtype, is_float_word(dtype) ? kInt32 : integer_range(instr)};
  }

  // Of an integer result; declines what 32 bits may not hold where 64 would.
  Range integer_range(const Instr& instr) const {
    if (compares(instr.op) || instr.dtype == RDU_DTYPE_BOOL) return {0, 1};
    const auto range = exact_range(instr);
    const bool fits = range && range->low >= kInt32.low && range->high <= kInt32.high;
    if (instr.dtype == RDU_DTYPE_I64 && !fits) {
      decline(RDU_REASON_DTYPE, "64-bit integers whose range is not known");
    }
    return fits ? *range : kInt32;
  }

  std::optional<Range> exact_range(const Instr& instr) const {
    const Range x = a(instr).range;
    const Range y = num_operands(instr.op) > 1 ? b(instr).range : Range{};
    switch (instr.op) {
      case RDU_OP_ADD:
        return Range{x.low + y.low, x.high + y.high};
      case RDU_OP_SUB:
        return Range{x.low - y.high, x.high - y.low};
      case RDU_OP_MUL: {
        const auto [low, high] =
            std::minmax({x.low * y.low, x.low * y.high, x.high * y.low, x.high * y.high});
        return Range{low, high};
      }
      case RDU_OP_NEG:
        return Range{-x.high, -x.low};
      case RDU_OP_ABS:
        return Range{0, std::max(x.high, -x.low)};
      case RDU_OP_SIGN:
        return Range{-1, 1};
      case RDU_OP_MIN:
        return Range{std::min(x.low, y.low), std::min(x.high, y.high)};
      case RDU_OP_MAX:
        return Range{std::max(x.low, y.low), std::max(x.high, y.high)};
      case RDU_OP_DIV:
        if (x.low == kInt32.low && y.low <= -1 && y.high >= -1) return {};
        return kInt32;
      case RDU_OP_REM:
      case RDU_OP_MOD:
      case RDU_OP_AND:
      case RDU_OP_OR:
      case RDU_OP_XOR:
        return kInt32;
      default:
        return {};
    }
  }

  Register cast(const Register& x, rdu_dtype to) {
    const bool from_float = is_float_word(x.dtype);
    if (x.dtype == to) return x;
    if (from_float && is_float_word(to)) {
      return {to == RDU_DTYPE_BF16 ? emit_bf16(simd_, x.value, *around_.arch) : x.value, to,
              kInt32};
    }
    if (to == RDU_DTYPE_BOOL) {
      if (from_float) return {compute(RDU_HW_OP_NE_F32, x.value, Simd::real(0)), to, {0, 1}};
      return {compute(RDU_HW_OP_NE_I32, x.value, Simd::integer(0)), to, {0, 1}};
    }
    if (from_float) {
      if (to == RDU_DTYPE_I64) decline(RDU_REASON_DTYPE, "floats as 64-bit integers");
      return {compute(RDU_HW_OP_I32_OF_F32_TRUNC, x.value), to, kInt32};
    }
    if (is_float_word(to)) return {compute(RDU_HW_OP_F32_OF_I32, x.value), to, kInt32};
    return {x.value, to, x.range};
  }

  Register power(const Instr& instr) {
    const Instr& exponent = program_.code[instr.b];
    if (exponent.op == RDU_OP_CONST && exponent.imm.f == 2) {
      return {compute(RDU_HW_OP_MUL_F32, a(instr).value, a(instr).value), instr.dtype, kInt32};
    }
    if (exponent.op == RDU_OP_CONST && exponent.imm.f == 0.5) {
      return {compute(RDU_HW_OP_SQRT_F32, a(instr).value), instr.dtype, kInt32};
    }
    return plain(instr);
  }

  Simd& simd_;
  const artifact::Program& program_;
  const Surroundings& around_;
  std::vector<Register> registers_;
};

}  // namespace

std::vector<Value> emit_program(Simd& simd, const artifact::Program& program,
                                const Surroundings& around) {
  return Programmer(simd, program, around).run();
}

bool stores_accumulator(const artifact::Program& program, std::uint32_t result) {
  const Instr& instr = program.code[result];
  const bool rounds = instr.op == RDU_OP_CAST && instr.dtype == RDU_DTYPE_BF16;
  return (rounds ? program.code[instr.a] : instr).op == RDU_OP_ACC;
}

Value emit_form(Simd& simd, const Form& form, std::span<const VariableId> order) {
  Value sum;
  for (std::size_t i = 0; i < order.size(); ++i) {
    const std::int64_t coef = form.coef(order[i]);
    if (coef == 0) continue;
    Value term = Simd::counter(static_cast<std::uint32_t>(i));
    if (coef != 1) {
      term = simd.compute(RDU_HW_OP_MUL_I32, term, Simd::integer(static_cast<std::int32_t>(coef)));
    }
    sum = sum.given() ? simd.compute(RDU_HW_OP_ADD_I32, sum, term) : term;
  }
  const Value offset = Simd::integer(static_cast<std::int32_t>(form.offset));
  if (!sum.given()) return offset;
  return form.offset == 0 ? sum : simd.compute(RDU_HW_OP_ADD_I32, sum, offset);
}

rdu_hw_fold fold_of(rdu_combine_op combine, rdu_dtype dtype) {
  const bool real = is_float_word(dtype);
  switch (combine) {
    case RDU_COMBINE_ADD:
      return real ? RDU_HW_FOLD_ADD_F32 : RDU_HW_FOLD_ADD_I32;
    case RDU_COMBINE_MUL:
      return real ? RDU_HW_FOLD_MUL_F32 : RDU_HW_FOLD_MUL_I32;
    case RDU_COMBINE_MIN:
      return real ? RDU_HW_FOLD_MIN_F32 : RDU_HW_FOLD_MIN_I32;
    case RDU_COMBINE_MAX:
      return real ? RDU_HW_FOLD_MAX_F32 : RDU_HW_FOLD_MAX_I32;
    case RDU_COMBINE_AND:
      return RDU_HW_FOLD_AND_WORD;
    case RDU_COMBINE_OR:
      return RDU_HW_FOLD_OR_WORD;
    default:
      decline(RDU_REASON_COMBINE, "combine " + std::to_string(combine));
  }
}

}  // namespace rducc::rdu::lower
