// The table of element types, and half precision without hardware support.
#include "sdk/base/dtype.hpp"

#include "sdk/base/checked.hpp"

namespace rdu::base {
namespace {

constexpr const char* kNames[RDU_NUM_DTYPES] = {"none", "f32", "f64", "f16", "bf16", "i8",
                                                "i16",  "i32", "i64", "u8",  "u16",  "u32",
                                                "u64",  "i4",  "u4",  "bool"};

// `significand` shifted right by `shift`, rounded to nearest even.
std::uint32_t round_shift(std::uint32_t significand, std::uint32_t shift) {
  const std::uint32_t half = 1u << (shift - 1);
  const std::uint32_t kept = significand >> shift;
  return (significand + half - 1 + (kept & 1u)) >> shift;
}

}  // namespace

const char* dtype_name(rdu_dtype dtype) { return dtype < RDU_NUM_DTYPES ? kNames[dtype] : "?"; }

std::optional<rdu_dtype> dtype_from_name(std::string_view name) {
  for (rdu_dtype dtype = 1; dtype < RDU_NUM_DTYPES; ++dtype) {
    if (name == kNames[dtype]) return dtype;
  }
  return std::nullopt;
}

std::optional<std::uint64_t> storage_bytes(rdu_dtype dtype, std::span<const std::int64_t> dims) {
  const std::uint32_t bits = dtype_bits(dtype);
  const auto elements = checked_product(dims);
  if (bits == 0 || !elements) return std::nullopt;
  if (bits == 4) return static_cast<std::uint64_t>(*elements / 2 + *elements % 2);
  const auto bytes = checked_mul<std::int64_t>(*elements, bits / 8);
  if (!bytes) return std::nullopt;
  return static_cast<std::uint64_t>(*bytes);
}

float f16_to_f32(std::uint16_t half) {
  const std::uint32_t sign = static_cast<std::uint32_t>(half & 0x8000u) << 16;
  const std::uint32_t exponent = (half >> 10) & 0x1fu;
  const std::uint32_t fraction = half & 0x3ffu;
  if (exponent == 0x1f) return std::bit_cast<float>(sign | 0x7f800000u | (fraction << 13));
  if (exponent != 0) {
    return std::bit_cast<float>(sign | ((exponent + 112) << 23) | (fraction << 13));
  }
  // Zero or subnormal: fraction · 2^-24 is exact in single precision.
  const float magnitude = static_cast<float>(fraction) * 0x1p-24f;
  return std::bit_cast<float>(std::bit_cast<std::uint32_t>(magnitude) | sign);
}

std::uint16_t f32_to_f16(float value) {
  const auto bits = std::bit_cast<std::uint32_t>(value);
  const std::uint32_t sign = (bits >> 16) & 0x8000u;
  const std::uint32_t magnitude = bits & 0x7fffffffu;
  std::uint32_t half;
  if (magnitude > 0x7f800000u) {
    half = 0x7e00u | ((magnitude >> 13) & 0x1ffu);
  } else if (magnitude >= 0x47800000u) {  // 2^16 and infinity
    half = 0x7c00u;
  } else if (magnitude >=
             0x38800000u) {  // 2^-14: normal; rounding may carry into the exponent, up to infinity
    half = round_shift(magnitude - 0x38000000u, 13);
  } else if (magnitude >= 0x33000000u) {  // 2^-25: subnormal
    const std::uint32_t shift = 126 - (magnitude >> 23);
    half = round_shift((magnitude & 0x7fffffu) | 0x800000u, shift);
  } else {
    half = 0;
  }
  return static_cast<std::uint16_t>(sign | half);
}

}  // namespace rdu::base
