// Elements on their way: exact or refused for integers, to nearest even for floats; expected bits by hand and by the compiler.
#include <rdu_hw/package.h>

#include <catch2/catch.hpp>
#include <cmath>
#include <cstdint>
#include <cstring>
#include <limits>
#include <vector>

namespace {

constexpr float kInf = std::numeric_limits<float>::infinity();

template <class Chip, class Host>
std::vector<Chip> in(std::uint32_t conversion, const std::vector<Host>& host) {
  std::vector<Chip> chip(host.size());
  const auto moved = rdu_hw_convert_in(conversion, host.data(), chip.data(), host.size());
  chip.resize(moved);
  return chip;
}

template <class Host, class Chip>
std::vector<Host> out(std::uint32_t conversion, const std::vector<Chip>& chip) {
  std::vector<Host> host(chip.size());
  const auto moved = rdu_hw_convert_out(conversion, chip.data(), host.data(), chip.size());
  host.resize(moved);
  return host;
}

using I8 = std::vector<std::int8_t>;
using I16 = std::vector<std::int16_t>;
using I32 = std::vector<std::int32_t>;
using I64 = std::vector<std::int64_t>;
using U8 = std::vector<std::uint8_t>;
using U16 = std::vector<std::uint16_t>;
using U32 = std::vector<std::uint32_t>;
using U64 = std::vector<std::uint64_t>;
using F32 = std::vector<float>;
using F64 = std::vector<double>;

float bf16_value(std::uint16_t bits) {
  const std::uint32_t word = std::uint32_t{bits} << 16;
  float value;
  std::memcpy(&value, &word, sizeof value);
  return value;
}

float f16_value(std::uint16_t bits) {
  const int exponent = bits >> 10 & 31;
  const int fraction = bits & 1023;
  const float sign = bits >> 15 ? -1.0f : 1.0f;
  if (exponent == 31) return fraction ? std::nanf("") : sign * kInf;
  return exponent == 0 ? sign * std::ldexp(static_cast<float>(fraction), -24)
                       : sign * std::ldexp(static_cast<float>(1024 + fraction), exponent - 25);
}

// The nearer of two neighbours, the even one of a tie, by exact arithmetic in double.
bool is_nearest(double value, double below, double at, double above, bool even) {
  const double down = (below + at) / 2;
  const double up = (at + above) / 2;
  return even ? value >= down && value <= up : value > down && value < up;
}

}  // namespace

TEST_CASE("integers arrive exactly or stop the move") {
  CHECK(in<std::int32_t>(RDU_HW_CONVERT_I64_I32, I64{1, -7, INT32_MAX, INT32_MIN}) ==
        I32{1, -7, INT32_MAX, INT32_MIN});
  CHECK(in<std::int32_t>(RDU_HW_CONVERT_I64_I32, I64{5, 2147483648, 6}) == I32{5});
  CHECK(in<std::int32_t>(RDU_HW_CONVERT_I64_I32, I64{-2147483649}).empty());
  CHECK(out<std::int64_t>(RDU_HW_CONVERT_I64_I32, I32{-1, INT32_MIN}) == I64{-1, INT32_MIN});
  CHECK(in<std::int32_t>(RDU_HW_CONVERT_U32_I32, U32{0x7fffffff, 0x80000000}) == I32{0x7fffffff});
  CHECK(out<std::uint32_t>(RDU_HW_CONVERT_U32_I32, I32{3, -1}) == U32{3});
  CHECK(in<std::int32_t>(RDU_HW_CONVERT_U64_I32, U64{9, std::uint64_t{1} << 63}) == I32{9});
  CHECK(out<std::uint64_t>(RDU_HW_CONVERT_U64_I32, I32{9, -9}) == U64{9});
  CHECK(in<std::int32_t>(RDU_HW_CONVERT_I16_I32, I16{-32768, 32767}) == I32{-32768, 32767});
  CHECK(out<std::int16_t>(RDU_HW_CONVERT_I16_I32, I32{-32768, 32768}) == I16{-32768});
  CHECK(in<std::int32_t>(RDU_HW_CONVERT_U16_I32, U16{65535}) == I32{65535});
  CHECK(out<std::uint16_t>(RDU_HW_CONVERT_U16_I32, I32{65535, 65536}) == U16{65535});
  CHECK(in<std::int32_t>(RDU_HW_CONVERT_I8_I32, I8{-128, 127}) == I32{-128, 127});
  CHECK(out<std::int8_t>(RDU_HW_CONVERT_I8_I32, I32{-128, -129}) == I8{-128});
  CHECK(in<std::int32_t>(RDU_HW_CONVERT_U8_I32, U8{255}) == I32{255});
  CHECK(out<std::uint8_t>(RDU_HW_CONVERT_U8_I32, I32{255, 256}) == U8{255});
}

TEST_CASE("what is not zero is true") {
  CHECK(in<std::int32_t>(RDU_HW_CONVERT_BOOL_I32, U8{0, 1, 255}) == I32{0, 1, 1});
  CHECK(out<std::uint8_t>(RDU_HW_CONVERT_BOOL_I32, I32{0, 1, -1, 256}) == U8{0, 1, 1, 1});
}

TEST_CASE("doubles round once") {
  CHECK(in<float>(RDU_HW_CONVERT_F64_F32, F64{1.0 + 0x1p-24, 1.0 + 0x1.8p-23, 1e300}) ==
        F32{1.0f, 1.0f + 0x1p-22f, kInf});
  CHECK(out<double>(RDU_HW_CONVERT_F64_F32, F32{0.1f}) == F64{static_cast<double>(0.1f)});
}

TEST_CASE("every bf16 comes through, and every float goes to the nearest") {
  for (std::uint32_t bits = 0; bits < 65536; ++bits) {
    const auto half = static_cast<std::uint16_t>(bits);
    const float value = in<float>(RDU_HW_CONVERT_BF16_F32, U16{half})[0];
    if (std::isnan(value)) continue;
    REQUIRE(value == bf16_value(half));
    REQUIRE(out<std::uint16_t>(RDU_HW_CONVERT_BF16_F32, F32{value})[0] == half);
    REQUIRE(out<float>(RDU_HW_CONVERT_F32_BF16, U16{half})[0] == value);
  }
  for (std::uint32_t word = 0; word < 0x7f000000u; word += 99991) {
    float value;
    std::memcpy(&value, &word, sizeof value);
    const std::uint16_t bits = in<std::uint16_t>(RDU_HW_CONVERT_F32_BF16, F32{value})[0];
    if (bits == 0) continue;
    REQUIRE(is_nearest(value, bf16_value(static_cast<std::uint16_t>(bits - 1)), bf16_value(bits),
                       bf16_value(static_cast<std::uint16_t>(bits + 1)), bits % 2 == 0));
  }
  CHECK(in<std::uint16_t>(RDU_HW_CONVERT_F32_BF16, F32{3.4e38f, -kInf}) == U16{0x7f80, 0xff80});
  CHECK(std::isnan(bf16_value(in<std::uint16_t>(RDU_HW_CONVERT_F32_BF16, F32{std::nanf("1")})[0])));
}

TEST_CASE("every f16 comes through, and every float goes to the nearest") {
  for (std::uint32_t bits = 0; bits < 65536; ++bits) {
    const auto half = static_cast<std::uint16_t>(bits);
    const float value = in<float>(RDU_HW_CONVERT_F16_F32, U16{half})[0];
    const float expected = f16_value(half);
    if (std::isnan(expected)) {
      REQUIRE(std::isnan(value));
      REQUIRE(std::isnan(f16_value(out<std::uint16_t>(RDU_HW_CONVERT_F16_F32, F32{value})[0])));
      continue;
    }
    REQUIRE(value == expected);
    REQUIRE(std::signbit(value) == (half >> 15 != 0));
    REQUIRE(out<std::uint16_t>(RDU_HW_CONVERT_F16_F32, F32{value})[0] == half);
  }
  for (std::uint32_t word = 0x32000000u; word < 0x477fe000u; word += 9973) {
    float value;
    std::memcpy(&value, &word, sizeof value);
    const std::uint16_t bits = out<std::uint16_t>(RDU_HW_CONVERT_F16_F32, F32{value})[0];
    const double below = bits == 0 ? -0x1p-24 : f16_value(static_cast<std::uint16_t>(bits - 1));
    const double above = bits == 0x7bff ? 65536.0 : f16_value(static_cast<std::uint16_t>(bits + 1));
    REQUIRE(is_nearest(value, below, f16_value(bits), above, bits % 2 == 0));
  }
  CHECK(out<std::uint16_t>(RDU_HW_CONVERT_F16_F32, F32{65519.9f, 65520.0f, kInf, -1e10f}) ==
        U16{0x7bff, 0x7c00, 0x7c00, 0xfc00});
}

TEST_CASE("bytes as they are, at any place") {
  const U8 bytes = {0, 1, 2, 3, 4, 5, 6, 7, 8};
  U8 moved(5);
  CHECK(rdu_hw_convert_in(RDU_HW_CONVERT_NONE, bytes.data() + 1, moved.data(), 5) == 5);
  CHECK(moved == U8{1, 2, 3, 4, 5});
  std::int32_t word = 0;
  const std::int64_t value = 77;
  U8 odd(9);
  std::memcpy(odd.data() + 1, &value, sizeof value);
  CHECK(rdu_hw_convert_in(RDU_HW_CONVERT_I64_I32, odd.data() + 1, &word, 1) == 1);
  CHECK(word == 77);
  CHECK(rdu_hw_convert_in(RDU_HW_NUM_CONVERSIONS, bytes.data(), moved.data(), 5) == 0);
}

TEST_CASE("the sizes of elements") {
  CHECK(rdu_hw_conversion_host_bytes(RDU_HW_CONVERT_I64_I32) == 8);
  CHECK(rdu_hw_conversion_chip_bytes(RDU_HW_CONVERT_I64_I32) == 4);
  CHECK(rdu_hw_conversion_chip_bytes(RDU_HW_CONVERT_F32_BF16) == 2);
  CHECK(rdu_hw_conversion_host_bytes(RDU_HW_NUM_CONVERSIONS) == 0);
  CHECK(rdu_hw_conversion_chip_bytes(RDU_HW_NUM_CONVERSIONS) == 0);
}
