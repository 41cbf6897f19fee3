// Elements on their way between a host and a chip: exact for integers, to nearest even for floats.
#include <rdu_hw/package.h>

#include <bit>
#include <cstdint>
#include <cstring>
#include <limits>
#include <optional>
#include <utility>

namespace {

struct F16 {
  std::uint16_t bits;
};
struct Bf16 {
  std::uint16_t bits;
};
struct Bool {
  std::uint8_t byte;
};

float widened(Bf16 value) { return std::bit_cast<float>(std::uint32_t{value.bits} << 16); }

float widened(F16 value) {
  const std::uint32_t sign = std::uint32_t{value.bits} >> 15 << 31;
  const std::uint32_t exponent = value.bits >> 10 & 31u;
  const std::uint32_t fraction = value.bits & 1023u;
  if (exponent == 31) return std::bit_cast<float>(sign | 0x7f800000u | fraction << 13);
  if (exponent != 0) return std::bit_cast<float>(sign | (exponent + 112) << 23 | fraction << 13);
  const float magnitude = static_cast<float>(fraction) * 0x1p-24f;
  return sign != 0 ? -magnitude : magnitude;
}

// Drops `count` low bits, 1 or more, to the nearest, ties to even.
std::uint32_t rounded(std::uint32_t bits, unsigned count) {
  const std::uint32_t half = 1u << (count - 1);
  return (bits + half - 1 + (bits >> count & 1)) >> count;
}

Bf16 to_bf16(float value) {
  const auto bits = std::bit_cast<std::uint32_t>(value);
  if (value != value) return {static_cast<std::uint16_t>(bits >> 16 | 0x40u)};
  return {static_cast<std::uint16_t>(rounded(bits, 16))};
}

F16 to_f16(float value) {
  const auto bits = std::bit_cast<std::uint32_t>(value);
  const std::uint32_t sign = bits >> 31 << 15;
  const std::uint32_t magnitude = bits & 0x7fffffffu;
  std::uint32_t result = 0;
  if (magnitude > 0x7f800000u) {
    result = 0x7e00u | (magnitude >> 13 & 0x3ffu);
  } else if (magnitude >= 0x477ff000u) {  // half an ulp above the largest, and infinity
    result = 0x7c00u;
  } else if (magnitude >= 0x38800000u) {  // normal: a carry goes into the exponent as it should
    result = rounded(magnitude - (112u << 23), 13);
  } else if (magnitude > 0x33000000u) {  // above half the least subnormal
    const unsigned shift = 126 - (magnitude >> 23);
    result = rounded((magnitude & 0x7fffffu) | 0x800000u, shift);
  }
  return {static_cast<std::uint16_t>(sign | result)};
}

template <class To, class From>
std::optional<To> integer(From value) {
  if (!std::in_range<To>(value)) return std::nullopt;
  return static_cast<To>(value);
}

// One element each way, by (host's type, chip's type).
template <class Host>
std::optional<std::int32_t> to_chip(Host value, std::int32_t) {
  return integer<std::int32_t>(value);
}
std::optional<std::int32_t> to_chip(Bool value, std::int32_t) { return value.byte != 0; }
std::optional<float> to_chip(double value, float) { return static_cast<float>(value); }
std::optional<float> to_chip(F16 value, float) { return widened(value); }
std::optional<float> to_chip(Bf16 value, float) { return widened(value); }
std::optional<Bf16> to_chip(float value, Bf16) { return to_bf16(value); }

template <class Host>
std::optional<Host> to_host(std::int32_t value, Host) {
  return integer<Host>(value);
}
std::optional<Bool> to_host(std::int32_t value, Bool) { return Bool{value != 0}; }
std::optional<double> to_host(float value, double) { return value; }
std::optional<F16> to_host(float value, F16) { return to_f16(value); }
std::optional<Bf16> to_host(float value, Bf16) { return to_bf16(value); }
std::optional<float> to_host(Bf16 value, float) { return widened(value); }

enum class Way { kIn, kOut };

template <class From, class To, class Convert>
std::uint64_t each(const void* from, void* to, std::uint64_t count, const Convert& convert) {
  const auto* source = static_cast<const unsigned char*>(from);
  auto* target = static_cast<unsigned char*>(to);
  for (std::uint64_t i = 0; i < count; ++i) {
    From value;
    std::memcpy(&value, source + i * sizeof(From), sizeof value);
    const std::optional<To> result = convert(value);
    if (!result) return i;
    std::memcpy(target + i * sizeof(To), &*result, sizeof(To));
  }
  return count;
}

template <class Host, class Chip>
std::uint64_t move(Way way, const void* from, void* to, std::uint64_t count) {
  if (way == Way::kIn) {
    return each<Host, Chip>(from, to, count, [](Host value) { return to_chip(value, Chip{}); });
  }
  return each<Chip, Host>(from, to, count, [](Chip value) { return to_host(value, Host{}); });
}

std::uint64_t convert(std::uint32_t conversion, Way way, const void* from, void* to,
                      std::uint64_t count) {
  switch (conversion) {
    case RDU_HW_CONVERT_NONE:
      if (count != 0) std::memcpy(to, from, count);
      return count;
    case RDU_HW_CONVERT_I64_I32:
      return move<std::int64_t, std::int32_t>(way, from, to, count);
    case RDU_HW_CONVERT_U32_I32:
      return move<std::uint32_t, std::int32_t>(way, from, to, count);
    case RDU_HW_CONVERT_U64_I32:
      return move<std::uint64_t, std::int32_t>(way, from, to, count);
    case RDU_HW_CONVERT_I16_I32:
      return move<std::int16_t, std::int32_t>(way, from, to, count);
    case RDU_HW_CONVERT_U16_I32:
      return move<std::uint16_t, std::int32_t>(way, from, to, count);
    case RDU_HW_CONVERT_I8_I32:
      return move<std::int8_t, std::int32_t>(way, from, to, count);
    case RDU_HW_CONVERT_U8_I32:
      return move<std::uint8_t, std::int32_t>(way, from, to, count);
    case RDU_HW_CONVERT_BOOL_I32:
      return move<Bool, std::int32_t>(way, from, to, count);
    case RDU_HW_CONVERT_F64_F32:
      return move<double, float>(way, from, to, count);
    case RDU_HW_CONVERT_F16_F32:
      return move<F16, float>(way, from, to, count);
    case RDU_HW_CONVERT_BF16_F32:
      return move<Bf16, float>(way, from, to, count);
    case RDU_HW_CONVERT_F32_BF16:
      return move<float, Bf16>(way, from, to, count);
    default:
      return 0;
  }
}

}  // namespace

uint64_t rdu_hw_convert_in(uint32_t conversion, const void* host, void* chip, uint64_t count) {
  return convert(conversion, Way::kIn, host, chip, count);
}

uint64_t rdu_hw_convert_out(uint32_t conversion, const void* chip, void* host, uint64_t count) {
  return convert(conversion, Way::kOut, chip, host, count);
}
