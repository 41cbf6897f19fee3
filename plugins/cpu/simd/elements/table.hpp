// The elements of one instruction set, filled at compile time.
#pragma once

#include "plugins/cpu/simd/activations.hpp"
#include "plugins/cpu/simd/elements/casts.hpp"
#include "plugins/cpu/simd/elements/moves.hpp"
#include "plugins/cpu/simd/elements/ops.hpp"
#include "plugins/cpu/simd/elements/reductions.hpp"

namespace rdu::cpu::RDU_CPU_ISA {
namespace {

template <class T>
constexpr void add_arithmetic(ElementKernels& k, rdu_dtype d) {
  k.op[RDU_OP_ADD][d] = binary<Add, T>;
  k.op[RDU_OP_SUB][d] = binary<Sub, T>;
  k.op[RDU_OP_MUL][d] = binary<Mul, T>;
  k.op[RDU_OP_DIV][d] = binary<Div, T>;
  k.op[RDU_OP_REM][d] = binary<Rem, T>;
  k.op[RDU_OP_MOD][d] = binary<Mod, T>;
  k.op[RDU_OP_POW][d] = binary<Pow, T>;
  k.op[RDU_OP_FMA][d] = fma<T>;
  k.op[RDU_OP_NEG][d] = unary<Neg, T>;
  k.op[RDU_OP_ABS][d] = unary<Abs, T>;
  k.op[RDU_OP_SIGN][d] = unary<Sign, T>;
}

template <class T>
constexpr void add_order(ElementKernels& k, rdu_dtype d) {
  k.op[RDU_OP_MIN][d] = binary<Min, T>;
  k.op[RDU_OP_MAX][d] = binary<Max, T>;
  k.op[RDU_OP_EQ][d] = binary<Eq, T>;
  k.op[RDU_OP_NE][d] = binary<Ne, T>;
  k.op[RDU_OP_LT][d] = binary<Lt, T>;
  k.op[RDU_OP_LE][d] = binary<Le, T>;
  k.op[RDU_OP_GT][d] = binary<Gt, T>;
  k.op[RDU_OP_GE][d] = binary<Ge, T>;
  k.op[RDU_OP_SELECT][d] = select<T>;
  k.reduce[RDU_COMBINE_MIN][d] = reduce_of<Min, T>();
  k.reduce[RDU_COMBINE_MAX][d] = reduce_of<Max, T>();
  k.arg[RDU_COMBINE_ARGMIN_FIRST][d] = arg_combine<T, false, false>;
  k.arg[RDU_COMBINE_ARGMIN_LAST][d] = arg_combine<T, false, true>;
  k.arg[RDU_COMBINE_ARGMAX_FIRST][d] = arg_combine<T, true, false>;
  k.arg[RDU_COMBINE_ARGMAX_LAST][d] = arg_combine<T, true, true>;
}

template <class T>
constexpr void add_sums(ElementKernels& k, rdu_dtype d) {
  k.reduce[RDU_COMBINE_ADD][d] = reduce_of<Add, T>();
  k.reduce[RDU_COMBINE_MUL][d] = reduce_of<Mul, T>();
}

template <class T>
constexpr void add_functions(ElementKernels& k, rdu_dtype d) {
  k.op[RDU_OP_ATAN2][d] = binary<Atan2, T>;
  k.op[RDU_OP_SQRT][d] = unary<Sqrt, T>;
  k.op[RDU_OP_RSQRT][d] = unary<Rsqrt, T>;
  k.op[RDU_OP_RCP][d] = unary<Rcp, T>;
  if constexpr (sizeof(T) == 4)
    k.op[RDU_OP_EXP][d] = exp_of_floats;
  else
    k.op[RDU_OP_EXP][d] = unary<Exp, T>;
  k.op[RDU_OP_LOG][d] = unary<Log, T>;
  k.op[RDU_OP_TANH][d] = unary<Tanh, T>;
  if constexpr (sizeof(T) == 4)
    k.op[RDU_OP_ERF][d] = erf_of_floats;
  else
    k.op[RDU_OP_ERF][d] = unary<Erf, T>;
  k.op[RDU_OP_ASIN][d] = unary<Asin, T>;
  k.op[RDU_OP_ACOS][d] = unary<Acos, T>;
  k.op[RDU_OP_ATAN][d] = unary<Atan, T>;
  k.op[RDU_OP_SINH][d] = unary<Sinh, T>;
  k.op[RDU_OP_COSH][d] = unary<Cosh, T>;
  k.op[RDU_OP_ASINH][d] = unary<Asinh, T>;
  k.op[RDU_OP_ACOSH][d] = unary<Acosh, T>;
  k.op[RDU_OP_ATANH][d] = unary<Atanh, T>;
  k.op[RDU_OP_FLOOR][d] = unary<Floor, T>;
  k.op[RDU_OP_CEIL][d] = unary<Ceil, T>;
  k.op[RDU_OP_ROUND][d] = unary<Round, T>;
  k.op[RDU_OP_TRUNC][d] = unary<Trunc, T>;
  k.op[RDU_OP_ISNAN][d] = unary<IsNan, T>;
  k.isinf[0][d] = unary<IsInf<0>, T>;
  k.isinf[1][d] = unary<IsInf<1>, T>;
  k.isinf[2][d] = unary<IsInf<2>, T>;
  k.isinf[3][d] = unary<IsInf<3>, T>;
  if constexpr (sizeof(T) == 4) {
    k.op[RDU_OP_SIN][d] = trigonometric<Sin, SinFar>;
    k.op[RDU_OP_COS][d] = trigonometric<Cos, CosFar>;
    k.op[RDU_OP_TAN][d] = trigonometric<Tan, TanFar>;
  } else {
    k.op[RDU_OP_SIN][d] = unary<Sin, T>;
    k.op[RDU_OP_COS][d] = unary<Cos, T>;
    k.op[RDU_OP_TAN][d] = unary<Tan, T>;
  }
}

template <class T>
constexpr void add_bitwise(ElementKernels& k, rdu_dtype d) {
  k.op[RDU_OP_AND][d] = binary<And, T>;
  k.op[RDU_OP_OR][d] = binary<Or, T>;
  k.op[RDU_OP_XOR][d] = binary<Xor, T>;
  k.reduce[RDU_COMBINE_AND][d] = reduce_of<And, T>();
  k.reduce[RDU_COMBINE_OR][d] = reduce_of<Or, T>();
}

template <class From>
constexpr void add_casts_from(ElementKernels& k, rdu_dtype from) {
  k.cast[from][RDU_DTYPE_F32] = cast<float, From>;
  k.cast[from][RDU_DTYPE_F64] = cast<double, From>;
  k.cast[from][RDU_DTYPE_F16] = cast<F16, From>;
  k.cast[from][RDU_DTYPE_BF16] = cast<BF16, From>;
  k.cast[from][RDU_DTYPE_I8] = cast<int8_t, From>;
  k.cast[from][RDU_DTYPE_I16] = cast<int16_t, From>;
  k.cast[from][RDU_DTYPE_I32] = cast<int32_t, From>;
  k.cast[from][RDU_DTYPE_I64] = cast<int64_t, From>;
  k.cast[from][RDU_DTYPE_U8] = cast<uint8_t, From>;
  k.cast[from][RDU_DTYPE_U16] = cast<uint16_t, From>;
  k.cast[from][RDU_DTYPE_U32] = cast<uint32_t, From>;
  k.cast[from][RDU_DTYPE_U64] = cast<uint64_t, From>;
  k.cast[from][RDU_DTYPE_BOOL] = cast<BoolTag, From>;
}

template <class T>
constexpr void add_float(ElementKernels& k, rdu_dtype d) {
  add_arithmetic<T>(k, d);
  add_order<T>(k, d);
  add_sums<T>(k, d);
  add_functions<T>(k, d);
  add_casts_from<T>(k, d);
}

template <class T>
constexpr void add_integer(ElementKernels& k, rdu_dtype d) {
  add_arithmetic<T>(k, d);
  add_order<T>(k, d);
  add_sums<T>(k, d);
  add_bitwise<T>(k, d);
  add_casts_from<T>(k, d);
  k.op[RDU_OP_NOT][d] = unary<Not, T>;
  k.op[RDU_OP_FLOOR][d] = unary<Same, T>;
  k.op[RDU_OP_CEIL][d] = unary<Same, T>;
  k.op[RDU_OP_ROUND][d] = unary<Same, T>;
  k.op[RDU_OP_TRUNC][d] = unary<Same, T>;
  k.op[RDU_OP_SHL][d] = binary<Shl, T>;
  k.op[RDU_OP_SHR][d] = binary<Shr, T>;
}

constexpr ElementKernels make_elements() {
  ElementKernels k{};
  add_float<float>(k, RDU_DTYPE_F32);
  add_float<float>(k, RDU_DTYPE_F16);
  add_float<float>(k, RDU_DTYPE_BF16);
  add_float<double>(k, RDU_DTYPE_F64);
  add_integer<int8_t>(k, RDU_DTYPE_I8);
  add_integer<int16_t>(k, RDU_DTYPE_I16);
  add_integer<int32_t>(k, RDU_DTYPE_I32);
  add_integer<int64_t>(k, RDU_DTYPE_I64);
  add_integer<uint8_t>(k, RDU_DTYPE_U8);
  add_integer<uint16_t>(k, RDU_DTYPE_U16);
  add_integer<uint32_t>(k, RDU_DTYPE_U32);
  add_integer<uint64_t>(k, RDU_DTYPE_U64);
  add_order<Bool>(k, RDU_DTYPE_BOOL);
  add_bitwise<Bool>(k, RDU_DTYPE_BOOL);
  add_casts_from<Bool>(k, RDU_DTYPE_BOOL);
  k.op[RDU_OP_NOT][RDU_DTYPE_BOOL] = unary<NotBool, Bool>;
  k.wrap[RDU_DTYPE_F16] = wrap_float<round_f16>;
  k.wrap[RDU_DTYPE_BF16] = wrap_float<round_bf16>;
  k.widen[RDU_DTYPE_F16] = widen_half<float_of_f16>;
  k.widen[RDU_DTYPE_BF16] = widen_half<float_of_bf16>;
  k.narrow[RDU_DTYPE_F16] = narrow_half<f16_of_float>;
  k.narrow[RDU_DTYPE_BF16] = narrow_half<bf16_of_float>;
  add_casts_from<int8_t>(k, RDU_DTYPE_I4);
  add_casts_from<uint8_t>(k, RDU_DTYPE_U4);
  for (rdu_dtype from = 0; from < RDU_NUM_DTYPES; ++from) {
    k.cast[from][RDU_DTYPE_I4] = k.cast[from][RDU_DTYPE_I8];
    k.cast[from][RDU_DTYPE_U4] = k.cast[from][RDU_DTYPE_U8];
  }
  k.wrap[RDU_DTYPE_I4] = wrap_nibble<int8_t, wrap_i4>;
  k.wrap[RDU_DTYPE_U4] = wrap_nibble<uint8_t, wrap_u4>;
  k.move[0] = moves_of<uint8_t>();
  k.move[1] = moves_of<uint16_t>();
  k.move[2] = moves_of<uint32_t>();
  k.move[3] = moves_of<uint64_t>();
  return k;
}

}  // namespace
}  // namespace rdu::cpu::RDU_CPU_ISA
