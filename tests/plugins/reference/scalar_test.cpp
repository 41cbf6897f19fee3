// Elements and registers: the 16-bit floats by exhaustion, rounding at ties, packed dtypes, wrapping.
#include "plugins/reference/scalar.hpp"

#include <catch2/catch.hpp>
#include <limits>

#include "plugins/reference/element.hpp"
#include "sdk/base/dtype.hpp"

namespace rdu::reference {

TEST_CASE("every 16-bit float survives decoding and encoding") {
  int wrong = 0;
  for (std::uint32_t bits = 0; bits < 0x10000; ++bits) {
    const auto half = static_cast<std::uint16_t>(bits);
    const double f16 = Half::decode(half), bf16 = Bfloat16::decode(half);
    if (std::isnan(f16) ? !std::isnan(Half::decode(Half::encode(f16))) : Half::encode(f16) != half)
      ++wrong;
    if (std::isnan(bf16) ? !std::isnan(Bfloat16::decode(Bfloat16::encode(bf16)))
                         : Bfloat16::encode(bf16) != half) {
      ++wrong;
    }
    const float other = base::f16_to_f32(half);
    if (!std::isnan(other) && static_cast<double>(other) != f16) ++wrong;
    const float other_bf16 = base::bf16_to_f32(half);
    if (!std::isnan(other_bf16) && static_cast<double>(other_bf16) != bf16) ++wrong;
  }
  CHECK(wrong == 0);
}

TEST_CASE("rounding to 16 bits goes to the nearest, at a tie to even") {
  CHECK(Half::encode(1 + 0x1p-11) == Half::encode(1));
  CHECK(Half::encode(1 + 0x1p-11 + 0x1p-50) == Half::encode(1 + 0x1p-10));
  CHECK(Half::encode(1 + 3 * 0x1p-11) == Half::encode(1 + 2 * 0x1p-10));
  CHECK(Half::encode(65519.999) == 0x7bff);
  CHECK(Half::encode(65520) == Half::kInfinity);
  CHECK(Half::encode(0x1p-25) == 0);
  CHECK(Half::encode(0x1.8p-25) == 1);
  CHECK(Half::encode(-0.0) == 0x8000);
  CHECK(Bfloat16::encode(std::numeric_limits<double>::max()) == Bfloat16::kInfinity);
}

TEST_CASE("an integer that a double cannot hold is rounded once on its way to a narrower float") {
  // Half-way between two bf16 numbers, and one more: a double, and a float, would forget the one.
  const std::int64_t above = (std::int64_t{1} << 62) + (std::int64_t{1} << 54) + 1;
  CHECK(cast(RDU_DTYPE_I64, RDU_DTYPE_BF16, of_integer(above)).f == 0x1p62 + 0x1p55);
  CHECK(cast(RDU_DTYPE_I64, RDU_DTYPE_BF16, of_integer(above - 1)).f == 0x1p62);
  const std::int64_t tie = (std::int64_t{1} << 60) + (std::int64_t{1} << 36);
  CHECK(cast(RDU_DTYPE_I64, RDU_DTYPE_F32, of_integer(tie)).f == 0x1p60);
  CHECK(cast(RDU_DTYPE_I64, RDU_DTYPE_F32, of_integer(tie + 1)).f == 0x1p60 + 0x1p37);
}

TEST_CASE("nibbles are stored without touching their neighbour") {
  std::byte bytes[2] = {std::byte{0xff}, std::byte{0xff}};
  store(RDU_DTYPE_I4, bytes, 1, of_integer(-8));
  CHECK(load(RDU_DTYPE_I4, bytes, 0).i == -1);
  CHECK(load(RDU_DTYPE_I4, bytes, 1).i == -8);
  store(RDU_DTYPE_U4, bytes, 2, of_integer(5));
  CHECK(load(RDU_DTYPE_U4, bytes, 2).i == 5);
  CHECK(load(RDU_DTYPE_U4, bytes, 3).i == 15);
}

TEST_CASE("integers keep their low bits") {
  CHECK(wrap_to(RDU_DTYPE_I8, 300) == 44);
  CHECK(wrap_to(RDU_DTYPE_I4, 9) == -7);
  CHECK(wrap_to(RDU_DTYPE_U16, -1) == 65535);
  CHECK(wrap_to(RDU_DTYPE_BOOL, 256) == 1);
}

}  // namespace rdu::reference
