// The two 16-bit float formats, converted to and from double by their definition.
#pragma once

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <limits>

namespace rdu::reference {

template <int kExponentBits, int kMantissaBits>
struct Float16 {
  static constexpr int kBias = (1 << (kExponentBits - 1)) - 1;
  static constexpr std::uint16_t kInfinity = ((1 << kExponentBits) - 1) << kMantissaBits;

  // To nearest, ties to even. A value is a whole number of quanta; the spacing of the quanta depends on its exponent.
  static std::uint16_t encode(double value) {
    const std::uint16_t sign = std::signbit(value) ? 0x8000 : 0;
    if (std::isnan(value)) return sign | kInfinity | (1 << (kMantissaBits - 1));
    const double magnitude = std::fabs(value);
    if (std::isinf(magnitude)) return sign | kInfinity;
    const int exponent = magnitude == 0 ? 1 - kBias : std::max(std::ilogb(magnitude), 1 - kBias);
    const auto quanta =
        static_cast<std::int64_t>(std::nearbyint(std::ldexp(magnitude, kMantissaBits - exponent)));
    if (exponent > kBias) return sign | kInfinity;
    // The implicit leading one of a normal number adds one to the exponent field; so does a carry out of rounding.
    const std::int64_t bits =
        (static_cast<std::int64_t>(exponent + kBias - 1) << kMantissaBits) + quanta;
    return sign | static_cast<std::uint16_t>(std::min<std::int64_t>(bits, kInfinity));
  }

  static double decode(std::uint16_t bits) {
    const int exponent = (bits & kInfinity) >> kMantissaBits;
    const int mantissa = bits & ((1 << kMantissaBits) - 1);
    double magnitude;
    if (exponent == (1 << kExponentBits) - 1) {
      magnitude = mantissa != 0 ? std::numeric_limits<double>::quiet_NaN()
                                : std::numeric_limits<double>::infinity();
    } else if (exponent == 0) {
      magnitude = std::ldexp(mantissa, 1 - kBias - kMantissaBits);
    } else {
      magnitude = std::ldexp(mantissa + (1 << kMantissaBits), exponent - kBias - kMantissaBits);
    }
    return (bits & 0x8000) != 0 ? -magnitude : magnitude;
  }
};

using Half = Float16<5, 10>;
using Bfloat16 = Float16<8, 7>;

}  // namespace rdu::reference
