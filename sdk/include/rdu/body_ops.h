/* The operations of a vector program, the combine operations of a reduction, and the nine patterns: one list each.
 * The lists are append-only and their numbers appear in files. */
#ifndef RDU_BODY_OPS_H
#define RDU_BODY_OPS_H

/* X(NAME, number, operands)
 *
 * An instruction yields one register of its own dtype. Operands have that dtype too, except where stated.
 * Integers wrap modulo 2^n; integer DIV truncates and REM/MOD follow it, and anything divided by zero is 0.
 * Floating point is IEEE 754, rounded to the instruction's dtype after each operation; FMA rounds once.
 * MIN and MAX yield NaN when an operand is NaN.
 *
 *   LOAD      a = number of the read; what was read, in the dtype of the value read
 *   CONST     imm
 *   INDEX     a = number of the loop; its current position, I64
 *   INSIDE    a = number of the read; BOOL: was the point inside before the outside rule was applied
 *   ACC       epilogue only: the result of the combine, in its accumulator dtype (I64 for ARGMIN and ARGMAX)
 *   CAST      a of any dtype. Float to integer truncates towards zero and saturates, NaN is 0; to BOOL is "!= 0";
 *             integer to integer keeps the low bits; to a narrower float rounds to nearest even
 *   REM, MOD  sign of the dividend (C's % and fmod), sign of the divisor
 *   SIGN      -1, 0 or 1; NaN stays
 *   ROUND     to nearest, ties to even
 *   EQ .. GE  operands of any one dtype, BOOL result; a comparison with NaN is false, NE true
 *   AND .. NOT  bitwise on integers, logical on BOOL
 *   SHL, SHR  by b bits, b >= width yields 0; SHR is logical on unsigned and arithmetic on signed dtypes
 *   ISNAN     float operand, BOOL result;  ISINF: imm bit 0 = detect +inf, bit 1 = detect -inf
 *   SELECT    a BOOL, b and c of the result's dtype: a ? b : c
 *   RNG       uniform in [0, 1), a counter-based hash of (imm seed, row-major position in the domain): SplitMix64 of
 *             z = seed + (position + 1) * 0x9e3779b97f4a7c15; its top 53 bits (F32 24, F16 11, BF16 8) are the fraction
 *
 * Row-major positions (RNG, ARGMIN and ARGMAX, filter) count by the bounds of the loops, as storage does.
 */
#define RDU_BODY_OPS(X) \
  X(LOAD, 0, 0)         \
  X(CONST, 1, 0)        \
  X(INDEX, 2, 0)        \
  X(INSIDE, 3, 0)       \
  X(ACC, 4, 0)          \
  X(CAST, 5, 1)         \
  X(ADD, 6, 2)          \
  X(SUB, 7, 2)          \
  X(MUL, 8, 2)          \
  X(DIV, 9, 2)          \
  X(REM, 10, 2)         \
  X(MOD, 11, 2)         \
  X(FMA, 12, 3)         \
  X(MIN, 13, 2)         \
  X(MAX, 14, 2)         \
  X(POW, 15, 2)         \
  X(ATAN2, 16, 2)       \
  X(NEG, 17, 1)         \
  X(ABS, 18, 1)         \
  X(SIGN, 19, 1)        \
  X(SQRT, 20, 1)        \
  X(RSQRT, 21, 1)       \
  X(RCP, 22, 1)         \
  X(EXP, 23, 1)         \
  X(LOG, 24, 1)         \
  X(TANH, 25, 1)        \
  X(ERF, 26, 1)         \
  X(SIN, 27, 1)         \
  X(COS, 28, 1)         \
  X(TAN, 29, 1)         \
  X(ASIN, 30, 1)        \
  X(ACOS, 31, 1)        \
  X(ATAN, 32, 1)        \
  X(SINH, 33, 1)        \
  X(COSH, 34, 1)        \
  X(ASINH, 35, 1)       \
  X(ACOSH, 36, 1)       \
  X(ATANH, 37, 1)       \
  X(FLOOR, 38, 1)       \
  X(CEIL, 39, 1)        \
  X(ROUND, 40, 1)       \
  X(TRUNC, 41, 1)       \
  X(EQ, 42, 2)          \
  X(NE, 43, 2)          \
  X(LT, 44, 2)          \
  X(LE, 45, 2)          \
  X(GT, 46, 2)          \
  X(GE, 47, 2)          \
  X(AND, 48, 2)         \
  X(OR, 49, 2)          \
  X(XOR, 50, 2)         \
  X(NOT, 51, 1)         \
  X(SHL, 52, 2)         \
  X(SHR, 53, 2)         \
  X(ISNAN, 54, 1)       \
  X(ISINF, 55, 1)       \
  X(SELECT, 56, 3)      \
  X(RNG, 57, 0)

/* X(NAME, number): how the points of a reduction meet, in row-major order of the reduction loops where order matters.
 * An empty reduction yields the identity: 0, 1, the largest (MIN) or smallest (MAX) value of the accumulator dtype
 * (infinities for floats), true, false; ARGMIN and ARGMAX need at least one point.
 * ARGMIN/ARGMAX yield the row-major position in the reduction loops, the first or the last on a tie; a NaN wins.
 * REPLACE is for scatter only: the last write in row-major order stays. */
#define RDU_COMBINE_OPS(X) \
  X(NONE, 0)               \
  X(ADD, 1)                \
  X(MUL, 2)                \
  X(MIN, 3)                \
  X(MAX, 4)                \
  X(AND, 5)                \
  X(OR, 6)                 \
  X(ARGMIN_FIRST, 7)       \
  X(ARGMIN_LAST, 8)        \
  X(ARGMAX_FIRST, 9)       \
  X(ARGMAX_LAST, 10)       \
  X(REPLACE, 11)

/* X(NAME, number) */
#define RDU_PATTERNS(X) \
  X(MAP, 0)             \
  X(REDUCE, 1)          \
  X(CONTRACT, 2)        \
  X(GATHER, 3)          \
  X(SCATTER, 4)         \
  X(SCAN, 5)            \
  X(FILTER, 6)          \
  X(SORT, 7)            \
  X(CONTROL, 8)

typedef enum rdu_body_op {
#define X(name, number, operands) RDU_OP_##name = number,
  RDU_BODY_OPS(X)
#undef X
} rdu_body_op;

typedef enum rdu_combine_op {
#define X(name, number) RDU_COMBINE_##name = number,
  RDU_COMBINE_OPS(X)
#undef X
} rdu_combine_op;

typedef enum rdu_pattern {
#define X(name, number) RDU_PATTERN_##name = number,
  RDU_PATTERNS(X)
#undef X
} rdu_pattern;

#define RDU_NUM_BODY_OPS 58u
#define RDU_NUM_COMBINE_OPS 12u
#define RDU_NUM_PATTERNS 9u

#endif
