// The operations of a function unit: one list. Their rules are chapter "Arithmetic" of the manual (README.md here).
#pragma once

#include <cstddef>
#include <cstdint>

namespace rdu_hw::arith {

// What a lane carries: the bits of an fp32 or of an int32; a truth value is 0 or 1.
using Word = std::uint32_t;

// X(name, number, operands); an enumerator has the name of its definition. The list is append-only and its numbers appear in images.
#define RDU_HW_ARITH_OPS(X)    \
  X(add_f32, 0, 2)             \
  X(sub_f32, 1, 2)             \
  X(mul_f32, 2, 2)             \
  X(fma_f32, 3, 3)             \
  X(div_f32, 4, 2)             \
  X(min_f32, 5, 2)             \
  X(max_f32, 6, 2)             \
  X(neg_f32, 7, 1)             \
  X(abs_f32, 8, 1)             \
  X(sign_f32, 9, 1)            \
  X(floor_f32, 10, 1)          \
  X(ceil_f32, 11, 1)           \
  X(round_f32, 12, 1)          \
  X(trunc_f32, 13, 1)          \
  X(sqrt_f32, 14, 1)           \
  X(rsqrt_f32, 15, 1)          \
  X(rcp_f32, 16, 1)            \
  X(exp_f32, 17, 1)            \
  X(log_f32, 18, 1)            \
  X(pow_f32, 19, 2)            \
  X(sigmoid_f32, 20, 1)        \
  X(tanh_f32, 21, 1)           \
  X(sinh_f32, 22, 1)           \
  X(cosh_f32, 23, 1)           \
  X(asinh_f32, 24, 1)          \
  X(acosh_f32, 25, 1)          \
  X(atanh_f32, 26, 1)          \
  X(erf_f32, 27, 1)            \
  X(sin_f32, 28, 1)            \
  X(cos_f32, 29, 1)            \
  X(tan_f32, 30, 1)            \
  X(asin_f32, 31, 1)           \
  X(acos_f32, 32, 1)           \
  X(atan_f32, 33, 1)           \
  X(atan2_f32, 34, 2)          \
  X(eq_f32, 35, 2)             \
  X(ne_f32, 36, 2)             \
  X(lt_f32, 37, 2)             \
  X(le_f32, 38, 2)             \
  X(gt_f32, 39, 2)             \
  X(ge_f32, 40, 2)             \
  X(is_nan_f32, 41, 1)         \
  X(is_inf_f32, 42, 2)         \
  X(add_i32, 43, 2)            \
  X(sub_i32, 44, 2)            \
  X(mul_i32, 45, 2)            \
  X(mad_i32, 46, 3)            \
  X(div_i32, 47, 2)            \
  X(rem_i32, 48, 2)            \
  X(mod_i32, 49, 2)            \
  X(min_i32, 50, 2)            \
  X(max_i32, 51, 2)            \
  X(neg_i32, 52, 1)            \
  X(abs_i32, 53, 1)            \
  X(sign_i32, 54, 1)           \
  X(eq_i32, 55, 2)             \
  X(ne_i32, 56, 2)             \
  X(lt_i32, 57, 2)             \
  X(le_i32, 58, 2)             \
  X(gt_i32, 59, 2)             \
  X(ge_i32, 60, 2)             \
  X(and_word, 61, 2)           \
  X(or_word, 62, 2)            \
  X(xor_word, 63, 2)           \
  X(not_word, 64, 1)           \
  X(shl_word, 65, 2)           \
  X(shr_word, 66, 2)           \
  X(shr_i32, 67, 2)            \
  X(select_word, 68, 3)        \
  X(f32_of_i32, 69, 1)         \
  X(i32_of_f32_trunc, 70, 1)   \
  X(i32_of_f32_nearest, 71, 1) \
  X(bf16_of_f32, 72, 1)        \
  X(i8_wrap, 73, 1)            \
  X(u8_wrap, 74, 1)            \
  X(i8_saturate, 75, 1)        \
  X(u8_saturate, 76, 1)

enum class Op : std::uint8_t {
#define X(name, number, operands) name = number,
  RDU_HW_ARITH_OPS(X)
#undef X
};
inline constexpr std::size_t kNumOps = 77;

// nullptr and 0 for a number that is none.
const char* op_name(std::size_t op);
unsigned num_operands(std::size_t op);

// How lanes meet in the reduction tree, and vectors in an accumulation register. X(name, number, identity)
#define RDU_HW_ARITH_FOLDS(X) \
  X(add_f32, 0, 0x80000000u)  \
  X(mul_f32, 1, 0x3f800000u)  \
  X(min_f32, 2, 0x7f800000u)  \
  X(max_f32, 3, 0xff800000u)  \
  X(add_i32, 4, 0u)           \
  X(mul_i32, 5, 1u)           \
  X(min_i32, 6, 0x7fffffffu)  \
  X(max_i32, 7, 0x80000000u)  \
  X(and_word, 8, 0xffffffffu) \
  X(or_word, 9, 0u)

enum class Fold : std::uint8_t {
#define X(name, number, identity) name = number,
  RDU_HW_ARITH_FOLDS(X)
#undef X
};
inline constexpr std::size_t kNumFolds = 10;

// The element that changes no other when it meets it.
Word identity(Fold fold);

// The folds that keep a value together with its position. X(name, number, type, greatest wins, last wins a tie)
#define RDU_HW_ARITH_PICKS(X)                     \
  X(min_first_f32, 0, float, false, false)        \
  X(min_last_f32, 1, float, false, true)          \
  X(max_first_f32, 2, float, true, false)         \
  X(max_last_f32, 3, float, true, true)           \
  X(min_first_i32, 4, std::int32_t, false, false) \
  X(min_last_i32, 5, std::int32_t, false, true)   \
  X(max_first_i32, 6, std::int32_t, true, false)  \
  X(max_last_i32, 7, std::int32_t, true, true)

enum class Pick : std::uint8_t {
#define X(name, number, type, greatest, last) name = number,
  RDU_HW_ARITH_PICKS(X)
#undef X
};
inline constexpr std::size_t kNumPicks = 8;

// The position of an empty place: of a lane that is masked off, of a register that holds nothing yet.
inline constexpr Word kNowhere = 0xffffffffu;

inline constexpr unsigned kMaxLanes = 64;

// What a systolic array takes in. bf16 and the bytes are as stored; each is widened exactly on its way in.
enum class Operand : std::uint8_t { kFp32, kBf16, kInt32, kInt8, kUint8 };
inline constexpr std::size_t kNumOperands = 5;

}  // namespace rdu_hw::arith
