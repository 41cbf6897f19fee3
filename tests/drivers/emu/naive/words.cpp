// The operations that IEEE 754 and two's complement define.
#include "tests/drivers/emu/naive/words.hpp"

#include <bit>
#include <cmath>
#include <limits>

namespace naive {
namespace {

constexpr Word kNan = 0x7fc00000u;

float fp32(Word w) { return std::bit_cast<float>(w); }
std::int32_t int32(Word w) { return std::bit_cast<std::int32_t>(w); }
Word word(float x) { return std::isnan(x) ? kNan : std::bit_cast<Word>(x); }
Word word(std::int64_t x) { return static_cast<Word>(x); }
Word truth(bool x) { return x ? 1 : 0; }

// Of numbers, and -0 below +0.
bool below(float a, float b) { return a < b || (a == b && std::signbit(a) && !std::signbit(b)); }

float least(float a, float b) {
  if (std::isnan(a) || std::isnan(b)) return std::numeric_limits<float>::quiet_NaN();
  return below(b, a) ? b : a;
}

float greatest(float a, float b) {
  if (std::isnan(a) || std::isnan(b)) return std::numeric_limits<float>::quiet_NaN();
  return below(a, b) ? b : a;
}

float sign(float a) {
  if (std::isnan(a)) return a;
  return a > 0 ? 1.0f : a < 0 ? -1.0f : 0.0f;
}

// A result of 0 has the sign of a.
float nearest(float a) { return std::copysign(std::nearbyint(a), a); }

Word limited(std::int64_t x, std::int64_t low, std::int64_t high) {
  return word(x < low ? low : x > high ? high : x);
}

// Of a float that is an integer, or infinite, or no number.
Word to_int32(float x) {
  if (std::isnan(x)) return 0;
  if (x >= 0x1p31f) return 0x7fffffffu;
  if (x < -0x1p31f) return 0x80000000u;
  return word(static_cast<std::int64_t>(x));
}

Word to_bf16(Word w) {
  if (std::isnan(fp32(w))) w = kNan;
  return (w + 0x7fffu + (w >> 16 & 1u)) & 0xffff0000u;
}

std::int64_t remainder(std::int64_t a, std::int64_t b) { return b == 0 ? 0 : a % b; }

std::int64_t modulus(std::int64_t a, std::int64_t b) {
  const std::int64_t rest = remainder(a, b);
  return rest != 0 && (rest < 0) != (b < 0) ? rest + b : rest;
}

Word operate_f32(std::uint32_t op, float a, float b, float c, Word signs) {
  switch (op) {
    case RDU_HW_OP_ADD_F32:
      return word(a + b);
    case RDU_HW_OP_SUB_F32:
      return word(a - b);
    case RDU_HW_OP_MUL_F32:
      return word(a * b);
    case RDU_HW_OP_FMA_F32:
      return word(std::fma(a, b, c));
    case RDU_HW_OP_DIV_F32:
      return word(a / b);
    case RDU_HW_OP_MIN_F32:
      return word(least(a, b));
    case RDU_HW_OP_MAX_F32:
      return word(greatest(a, b));
    case RDU_HW_OP_NEG_F32:
      return word(-a);
    case RDU_HW_OP_ABS_F32:
      return word(std::fabs(a));
    case RDU_HW_OP_SIGN_F32:
      return word(sign(a));
    case RDU_HW_OP_FLOOR_F32:
      return word(std::copysign(std::floor(a), a));
    case RDU_HW_OP_CEIL_F32:
      return word(std::copysign(std::ceil(a), a));
    case RDU_HW_OP_ROUND_F32:
      return word(nearest(a));
    case RDU_HW_OP_TRUNC_F32:
      return word(std::copysign(std::trunc(a), a));
    case RDU_HW_OP_SQRT_F32:
      return word(std::sqrt(a));
    case RDU_HW_OP_RCP_F32:
      return word(1.0f / a);
    case RDU_HW_OP_EQ_F32:
      return truth(a == b);
    case RDU_HW_OP_NE_F32:
      return truth(a != b);
    case RDU_HW_OP_LT_F32:
      return truth(a < b);
    case RDU_HW_OP_LE_F32:
      return truth(a <= b);
    case RDU_HW_OP_GT_F32:
      return truth(a > b);
    case RDU_HW_OP_GE_F32:
      return truth(a >= b);
    case RDU_HW_OP_IS_NAN_F32:
      return truth(std::isnan(a));
    default:  // RDU_HW_OP_IS_INF_F32
      return truth(std::isinf(a) && (signs >> (a < 0 ? 1 : 0) & 1u) != 0);
  }
}

Word operate_i32(std::uint32_t op, std::int64_t a, std::int64_t b, std::int64_t c) {
  switch (op) {
    case RDU_HW_OP_ADD_I32:
      return word(a + b);
    case RDU_HW_OP_SUB_I32:
      return word(a - b);
    case RDU_HW_OP_MUL_I32:
      return word(a * b);
    case RDU_HW_OP_MAD_I32:
      return word(a * b + c);
    case RDU_HW_OP_DIV_I32:
      return b == 0 ? 0 : word(a / b);
    case RDU_HW_OP_REM_I32:
      return word(remainder(a, b));
    case RDU_HW_OP_MOD_I32:
      return word(modulus(a, b));
    case RDU_HW_OP_MIN_I32:
      return word(a < b ? a : b);
    case RDU_HW_OP_MAX_I32:
      return word(a > b ? a : b);
    case RDU_HW_OP_NEG_I32:
      return word(-a);
    case RDU_HW_OP_ABS_I32:
      return word(a < 0 ? -a : a);
    case RDU_HW_OP_SIGN_I32:
      return word(std::int64_t{a > 0} - std::int64_t{a < 0});
    case RDU_HW_OP_EQ_I32:
      return truth(a == b);
    case RDU_HW_OP_NE_I32:
      return truth(a != b);
    case RDU_HW_OP_LT_I32:
      return truth(a < b);
    case RDU_HW_OP_LE_I32:
      return truth(a <= b);
    case RDU_HW_OP_GT_I32:
      return truth(a > b);
    default:  // RDU_HW_OP_GE_I32
      return truth(a >= b);
  }
}

Word operate_word(std::uint32_t op, Word a, Word b, Word c) {
  switch (op) {
    case RDU_HW_OP_AND_WORD:
      return a & b;
    case RDU_HW_OP_OR_WORD:
      return a | b;
    case RDU_HW_OP_XOR_WORD:
      return a ^ b;
    case RDU_HW_OP_NOT_WORD:
      return ~a;
    case RDU_HW_OP_SHL_WORD:
      return b < 32 ? a << b : 0;
    case RDU_HW_OP_SHR_WORD:
      return b < 32 ? a >> b : 0;
    case RDU_HW_OP_SHR_I32:
      return b < 32 ? word(std::int64_t{int32(a)} >> b) : 0;
    case RDU_HW_OP_SELECT_WORD:
      return a != 0 ? b : c;
    case RDU_HW_OP_F32_OF_I32:
      return word(static_cast<float>(int32(a)));
    case RDU_HW_OP_I32_OF_F32_TRUNC:
      return to_int32(std::trunc(fp32(a)));
    case RDU_HW_OP_I32_OF_F32_NEAREST:
      return to_int32(nearest(fp32(a)));
    case RDU_HW_OP_BF16_OF_F32:
      return to_bf16(a);
    case RDU_HW_OP_I8_WRAP:
      return word(std::int64_t{static_cast<std::int8_t>(a)});
    case RDU_HW_OP_U8_WRAP:
      return a & 0xffu;
    case RDU_HW_OP_I8_SATURATE:
      return limited(int32(a), -128, 127);
    default:  // RDU_HW_OP_U8_SATURATE
      return limited(int32(a), 0, 255);
  }
}

bool is_elementary(std::uint32_t op) {
  return op == RDU_HW_OP_RSQRT_F32 || (op >= RDU_HW_OP_EXP_F32 && op <= RDU_HW_OP_ATAN2_F32);
}

}  // namespace

Word operate(std::uint32_t op, Word a, Word b, Word c) {
  if (is_elementary(op)) return elementary(op, a, b);
  if (op <= RDU_HW_OP_IS_INF_F32) return operate_f32(op, fp32(a), fp32(b), fp32(c), b);
  if (op <= RDU_HW_OP_GE_I32) return operate_i32(op, int32(a), int32(b), int32(c));
  return operate_word(op, a, b, c);
}

Word systolic_step(std::uint32_t format, Word a, Word b, Word sum) {
  switch (format) {
    case RDU_HW_SYSTOLIC_FP32:
      return operate(RDU_HW_OP_FMA_F32, a, b, sum);
    case RDU_HW_SYSTOLIC_INT32:
      return operate(RDU_HW_OP_MAD_I32, a, b, sum);
    default: {
      const Word low = operate(RDU_HW_OP_FMA_F32, a << 16, b << 16, sum);
      return operate(RDU_HW_OP_FMA_F32, a & 0xffff0000u, b & 0xffff0000u, low);
    }
  }
}

Word load_element(std::uint32_t format, const std::uint8_t* bytes) {
  switch (format) {
    case RDU_HW_FORMAT_WORD:
      return Word{bytes[0]} | Word{bytes[1]} << 8 | Word{bytes[2]} << 16 | Word{bytes[3]} << 24;
    case RDU_HW_FORMAT_BF16:
      return Word{bytes[0]} << 16 | Word{bytes[1]} << 24;
    case RDU_HW_FORMAT_INT8:
      return word(std::int64_t{static_cast<std::int8_t>(bytes[0])});
    default:
      return bytes[0];
  }
}

std::vector<std::uint8_t> store_element(std::uint32_t format, Word w) {
  if (format == RDU_HW_FORMAT_BF16) w = to_bf16(w) >> 16;
  std::vector<std::uint8_t> bytes(rdu_hw_format_bytes(format));
  for (std::size_t i = 0; i < bytes.size(); ++i) bytes[i] = static_cast<std::uint8_t>(w >> 8 * i);
  return bytes;
}

}  // namespace naive
