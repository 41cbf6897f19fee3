// Names, sizes, and the 16-bit floats, all of them.
#include "sdk/base/dtype.hpp"

#include <catch2/catch.hpp>
#include <cmath>
#include <cstring>
#include <vector>

using namespace rdu::base;

namespace {

std::uint32_t bits(float value) { return std::bit_cast<std::uint32_t>(value); }

std::optional<std::uint64_t> bytes_of(rdu_dtype dtype, std::vector<std::int64_t> dims) {
  return storage_bytes(dtype, dims);
}

}  // namespace

TEST_CASE("names go there and back, and every dtype is of one class") {
  for (rdu_dtype dtype = 1; dtype < RDU_NUM_DTYPES; ++dtype) {
    CHECK(dtype_from_name(dtype_name(dtype)) == dtype);
    CHECK(is_float(dtype) + is_signed_integer(dtype) + is_unsigned_integer(dtype) +
              (dtype == RDU_DTYPE_BOOL) ==
          1);
    CHECK(dtype_bits(dtype) > 0);
  }
  CHECK(!dtype_from_name("none"));
  CHECK(!dtype_from_name("float32"));
  CHECK(std::string(dtype_name(99)) == "?");
}

TEST_CASE("storage is dense, and two packed elements share a byte") {
  CHECK(bytes_of(RDU_DTYPE_F32, {2, 3}) == 24u);
  CHECK(bytes_of(RDU_DTYPE_BOOL, {}) == 1u);
  CHECK(bytes_of(RDU_DTYPE_I4, {3}) == 2u);
  CHECK(bytes_of(RDU_DTYPE_U4, {0}) == 0u);
  CHECK(bytes_of(RDU_DTYPE_I4, {INT64_MAX}) == std::uint64_t{1} << 62);
  CHECK(!bytes_of(RDU_DTYPE_F64, {INT64_MAX}));
  CHECK(!bytes_of(RDU_DTYPE_F32, {-1}));
  CHECK(!bytes_of(RDU_DTYPE_NONE, {1}));
  CHECK(!bytes_of(99, {1}));
}

TEST_CASE("every half survives the way to float and back") {
  for (std::uint32_t half = 0; half <= 0xffff; ++half) {
    const float value = f16_to_f32(static_cast<std::uint16_t>(half));
    const std::uint16_t back = f32_to_f16(value);
    if (std::isnan(value)) {
      REQUIRE(std::isnan(f16_to_f32(back)));
    } else {
      REQUIRE(back == half);
    }
  }
}

TEST_CASE("known halves") {
  CHECK(f16_to_f32(0x3c00) == 1.0f);
  CHECK(f16_to_f32(0xc000) == -2.0f);
  CHECK(f16_to_f32(0x7bff) == 65504.0f);
  CHECK(f16_to_f32(0x0001) == 0x1p-24f);
  CHECK(f16_to_f32(0x7c00) == INFINITY);
  CHECK(bits(f16_to_f32(0x8000)) == 0x80000000u);
}

TEST_CASE("halves round to nearest even, between every two neighbours") {
  for (std::uint32_t half = 0; half < 0x7bff; ++half) {
    const float low = f16_to_f32(static_cast<std::uint16_t>(half));
    const float high = f16_to_f32(static_cast<std::uint16_t>(half + 1));
    const float middle = low + (high - low) / 2;  // exact: one more bit than a half has
    REQUIRE(f32_to_f16(middle) == (half % 2 == 0 ? half : half + 1));
    REQUIRE(f32_to_f16(std::nextafter(middle, 0.0f)) == half);
    REQUIRE(f32_to_f16(std::nextafter(middle, INFINITY)) == half + 1);
  }
  CHECK(f32_to_f16(65519.996f) == 0x7bff);
  CHECK(f32_to_f16(65520.0f) == 0x7c00);
  CHECK(f32_to_f16(1e30f) == 0x7c00);
  CHECK(f32_to_f16(-1e-30f) == 0x8000);
  CHECK(f32_to_f16(0x1p-25f) == 0);
  CHECK(f32_to_f16(std::nextafter(0x1p-25f, 1.0f)) == 1);
}

TEST_CASE("bfloat16 is the upper half of a float, rounded to nearest even") {
  CHECK(bf16_to_f32(0x3f80) == 1.0f);
  CHECK(f32_to_bf16(std::bit_cast<float>(0x3f808000u)) == 0x3f80);
  CHECK(f32_to_bf16(std::bit_cast<float>(0x3f818000u)) == 0x3f82);
  CHECK(f32_to_bf16(std::bit_cast<float>(0x3f808001u)) == 0x3f81);
  CHECK(f32_to_bf16(std::bit_cast<float>(0x7f7fffffu)) == 0x7f80);
  CHECK(std::isnan(bf16_to_f32(f32_to_bf16(std::bit_cast<float>(0x7f800001u)))));
  CHECK(f32_to_bf16(-INFINITY) == 0xff80);
}
