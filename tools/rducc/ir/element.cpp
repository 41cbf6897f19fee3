// Element conversions, written once for every dtype and exact in each.
#include "tools/rducc/ir/element.hpp"

#include <cmath>
#include <cstring>
#include <limits>

namespace rducc::ir {
namespace {

// A binary float of at most 16 bits.
struct SmallFloat {
  int mantissa_bits;
  int bias;
};

constexpr SmallFloat kHalf{10, 15};
constexpr SmallFloat kBfloat{7, 127};

std::uint16_t encode(SmallFloat format, double value) {
  const int exponent_bits = 15 - format.mantissa_bits;
  const std::uint16_t sign = std::signbit(value) ? 0x8000 : 0;
  const auto infinity =
      static_cast<std::uint16_t>(((1u << exponent_bits) - 1) << format.mantissa_bits);
  if (std::isnan(value)) return infinity | (1u << (format.mantissa_bits - 1)) | sign;
  const double magnitude = std::fabs(value);
  if (magnitude == 0) return sign;
  if (std::isinf(magnitude)) return sign | infinity;
  const int smallest = 1 - format.bias;
  const int exponent = std::max(std::ilogb(magnitude), smallest);
  // In units of the last place; rounding up to the next power of two carries into the exponent.
  const double units = std::nearbyint(std::ldexp(magnitude, format.mantissa_bits - exponent));
  const auto bits = (static_cast<std::int64_t>(exponent - smallest) << format.mantissa_bits) +
                    static_cast<std::int64_t>(units);
  return sign | static_cast<std::uint16_t>(std::min<std::int64_t>(bits, infinity));
}

double decode(SmallFloat format, std::uint16_t bits) {
  const int exponent_bits = 15 - format.mantissa_bits;
  const int exponent = (bits >> format.mantissa_bits) & ((1 << exponent_bits) - 1);
  const int mantissa = bits & ((1 << format.mantissa_bits) - 1);
  double magnitude;
  if (exponent == (1 << exponent_bits) - 1) {
    magnitude = mantissa ? std::numeric_limits<double>::quiet_NaN()
                         : std::numeric_limits<double>::infinity();
  } else if (exponent == 0) {
    magnitude = std::ldexp(mantissa, 1 - format.bias - format.mantissa_bits);
  } else {
    magnitude = std::ldexp(mantissa + (1 << format.mantissa_bits),
                           exponent - format.bias - format.mantissa_bits);
  }
  return (bits & 0x8000) ? -magnitude : magnitude;
}

template <typename T>
T load_as(std::span<const std::byte> bytes, std::size_t i) {
  T value;
  std::memcpy(&value, bytes.data() + i * sizeof(T), sizeof(T));
  return value;
}

template <typename T>
void store_as(std::span<std::byte> bytes, std::size_t i, T value) {
  std::memcpy(bytes.data() + i * sizeof(T), &value, sizeof(T));
}

std::int64_t load_integer(std::span<const std::byte> bytes, rdu_dtype dtype, std::size_t i) {
  switch (rdu::base::dtype_bits(dtype)) {
    case 4: {
      const auto byte = static_cast<unsigned>(bytes[i / 2]);
      return wrap_to(dtype, (byte >> (i % 2 * 4)) & 15u);
    }
    case 8:
      return wrap_to(dtype, load_as<std::uint8_t>(bytes, i));
    case 16:
      return wrap_to(dtype, load_as<std::uint16_t>(bytes, i));
    case 32:
      return wrap_to(dtype, load_as<std::uint32_t>(bytes, i));
    default:
      return load_as<std::int64_t>(bytes, i);
  }
}

void store_integer(std::span<std::byte> bytes, rdu_dtype dtype, std::size_t i, std::int64_t value) {
  value = wrap_to(dtype, value);
  switch (rdu::base::dtype_bits(dtype)) {
    case 4: {
      const unsigned shift = i % 2 * 4;
      const auto old = static_cast<unsigned>(bytes[i / 2]) & ~(15u << shift);
      bytes[i / 2] = static_cast<std::byte>(old | ((static_cast<unsigned>(value) & 15u) << shift));
      return;
    }
    case 8:
      return store_as(bytes, i, static_cast<std::uint8_t>(value));
    case 16:
      return store_as(bytes, i, static_cast<std::uint16_t>(value));
    case 32:
      return store_as(bytes, i, static_cast<std::uint32_t>(value));
    default:
      return store_as(bytes, i, value);
  }
}

}  // namespace

bool is_unsigned(rdu_dtype dtype) {
  return (dtype >= RDU_DTYPE_U8 && dtype <= RDU_DTYPE_U64) || dtype == RDU_DTYPE_U4 ||
         dtype == RDU_DTYPE_BOOL;
}

std::size_t storage_bytes(rdu_dtype dtype, std::int64_t count) {
  return (static_cast<std::size_t>(count) * rdu::base::dtype_bits(dtype) + 7) / 8;
}

double round_to(rdu_dtype dtype, double value) {
  switch (dtype) {
    case RDU_DTYPE_F32:
      return static_cast<float>(value);
    case RDU_DTYPE_F16:
      return decode(kHalf, encode(kHalf, value));
    case RDU_DTYPE_BF16:
      return decode(kBfloat, encode(kBfloat, value));
    default:
      return value;
  }
}

std::int64_t wrap_to(rdu_dtype dtype, std::int64_t value) {
  if (dtype == RDU_DTYPE_BOOL) return value != 0;
  const unsigned unused = 64 - rdu::base::dtype_bits(dtype);
  if (unused == 0 || unused == 64) return value;
  const auto shifted = static_cast<std::uint64_t>(value) << unused;
  return is_unsigned(dtype) ? static_cast<std::int64_t>(shifted >> unused)
                            : static_cast<std::int64_t>(shifted) >> unused;
}

std::int64_t saturate_to(rdu_dtype dtype, double value) {
  if (dtype == RDU_DTYPE_BOOL) return value != 0;
  if (std::isnan(value)) return 0;
  const unsigned bits = rdu::base::dtype_bits(dtype);
  value = std::trunc(value);
  if (is_unsigned(dtype)) {
    if (value <= 0) return 0;
    const double limit = std::ldexp(1.0, static_cast<int>(bits));
    if (value >= limit) return wrap_to(dtype, -1);
    return static_cast<std::int64_t>(static_cast<std::uint64_t>(value));
  }
  const double limit = std::ldexp(1.0, static_cast<int>(bits) - 1);
  const std::int64_t largest = static_cast<std::int64_t>(~0ull >> (65 - bits));
  if (value >= limit) return largest;
  if (value < -limit) return -largest - 1;
  return static_cast<std::int64_t>(value);
}

double as_double(rdu_dtype dtype, std::int64_t value) {
  return dtype == RDU_DTYPE_U64 ? static_cast<double>(static_cast<std::uint64_t>(value))
                                : static_cast<double>(value);
}

rdu::artifact::Scalar load_element(std::span<const std::byte> bytes, rdu_dtype dtype,
                                   std::size_t i) {
  switch (dtype) {
    case RDU_DTYPE_F32:
      return {load_as<float>(bytes, i), 0};
    case RDU_DTYPE_F64:
      return {load_as<double>(bytes, i), 0};
    case RDU_DTYPE_F16:
      return {decode(kHalf, load_as<std::uint16_t>(bytes, i)), 0};
    case RDU_DTYPE_BF16:
      return {decode(kBfloat, load_as<std::uint16_t>(bytes, i)), 0};
    default:
      return {0, load_integer(bytes, dtype, i)};
  }
}

void store_element(std::span<std::byte> bytes, rdu_dtype dtype, std::size_t i,
                   rdu::artifact::Scalar value) {
  switch (dtype) {
    case RDU_DTYPE_F32:
      return store_as(bytes, i, static_cast<float>(value.f));
    case RDU_DTYPE_F64:
      return store_as(bytes, i, value.f);
    case RDU_DTYPE_F16:
      return store_as(bytes, i, encode(kHalf, value.f));
    case RDU_DTYPE_BF16:
      return store_as(bytes, i, encode(kBfloat, value.f));
    default:
      return store_integer(bytes, dtype, i, value.i);
  }
}

}  // namespace rducc::ir
