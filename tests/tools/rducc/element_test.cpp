// Elements and scalar operations against closed forms.
#include "tools/rducc/ir/element.hpp"

#include <catch2/catch.hpp>
#include <cmath>
#include <cstring>
#include <limits>

#include "tools/rducc/analysis/scalar_ops.hpp"
#include "tools/rducc/ir/tensor.hpp"

namespace rducc {
namespace {

using rdu::artifact::Instr;
using rdu::artifact::Scalar;

constexpr double kInf = std::numeric_limits<double>::infinity();

std::int64_t on_integers(rdu_body_op op, rdu_dtype dtype, std::int64_t a, std::int64_t b = 0) {
  return analysis::apply(Instr{op, dtype, 0, 0, 0, {}}, dtype, {0, a}, {0, b}, {}).i;
}

double on_floats(rdu_body_op op, double a, double b = 0) {
  return analysis::apply(Instr{op, RDU_DTYPE_F32, 0, 0, 0, {}}, RDU_DTYPE_F32, {a, 0}, {b, 0}, {})
      .f;
}

double cast(rdu_dtype from, rdu_dtype to, double f, std::int64_t i) {
  const Scalar result = analysis::apply(Instr{RDU_OP_CAST, to, 0, 0, 0, {}}, from, {f, i}, {}, {});
  return ir::is_float(to) ? result.f : static_cast<double>(result.i);
}

TEST_CASE("every f16 survives a round trip") {
  std::vector<std::byte> bytes(2);
  for (unsigned bits = 0; bits < 65536; ++bits) {
    const auto half = static_cast<std::uint16_t>(bits);
    std::memcpy(bytes.data(), &half, 2);
    for (const rdu_dtype dtype : {RDU_DTYPE_F16, RDU_DTYPE_BF16}) {
      const Scalar value = ir::load_element(bytes, dtype, 0);
      if (std::isnan(value.f)) continue;
      std::vector<std::byte> copy(2);
      ir::store_element(copy, dtype, 0, value);
      REQUIRE(copy == bytes);
    }
  }
}

TEST_CASE("narrow floats round to nearest even") {
  CHECK(ir::round_to(RDU_DTYPE_F16, 2049) == 2048);
  CHECK(ir::round_to(RDU_DTYPE_F16, 2051) == 2052);
  CHECK(ir::round_to(RDU_DTYPE_F16, 65519.99) == 65504);
  CHECK(ir::round_to(RDU_DTYPE_F16, 65520) == kInf);
  CHECK(ir::round_to(RDU_DTYPE_F16, std::ldexp(1.0, -25)) == 0);
  CHECK(ir::round_to(RDU_DTYPE_F16, std::ldexp(1.5, -25)) == std::ldexp(1.0, -24));
  CHECK(ir::round_to(RDU_DTYPE_BF16, 257) == 256);
  CHECK(ir::round_to(RDU_DTYPE_BF16, 259) == 260);
  CHECK(ir::round_to(RDU_DTYPE_F32, 16777217) == 16777216);
}

TEST_CASE("integers wrap, saturate and pack") {
  CHECK(ir::wrap_to(RDU_DTYPE_I8, 200) == -56);
  CHECK(ir::wrap_to(RDU_DTYPE_U4, 17) == 1);
  CHECK(ir::wrap_to(RDU_DTYPE_I4, 8) == -8);
  CHECK(ir::saturate_to(RDU_DTYPE_I8, 1e9) == 127);
  CHECK(ir::saturate_to(RDU_DTYPE_I8, -1e9) == -128);
  CHECK(ir::saturate_to(RDU_DTYPE_I64, 1e30) == std::numeric_limits<std::int64_t>::max());
  CHECK(ir::saturate_to(RDU_DTYPE_U8, -3.5) == 0);
  CHECK(ir::saturate_to(RDU_DTYPE_I32, std::nan("")) == 0);
  const std::vector<std::int64_t> nibbles{-8, 7, -1, 3, 5};
  const auto packed = ir::make_tensor(RDU_DTYPE_I4, {5}, nibbles);
  CHECK(packed.data.bytes.size() == 3);
  CHECK(packed.data.bytes[0] == std::byte{0x78});
  CHECK(packed.to_i64() == nibbles);
}

TEST_CASE("integer arithmetic follows the specification") {
  const std::int64_t lowest = std::numeric_limits<std::int64_t>::min();
  CHECK(on_integers(RDU_OP_DIV, RDU_DTYPE_I64, -7, 2) == -3);
  CHECK(on_integers(RDU_OP_REM, RDU_DTYPE_I64, -7, 2) == -1);
  CHECK(on_integers(RDU_OP_MOD, RDU_DTYPE_I64, -7, 2) == 1);
  CHECK(on_integers(RDU_OP_DIV, RDU_DTYPE_I64, 7, 0) == 0);
  CHECK(on_integers(RDU_OP_DIV, RDU_DTYPE_I64, lowest, -1) == lowest);
  CHECK(on_integers(RDU_OP_ADD, RDU_DTYPE_U8, 250, 10) == 4);
  CHECK(on_integers(RDU_OP_POW, RDU_DTYPE_I32, 3, 4) == 81);
  CHECK(on_integers(RDU_OP_SHR, RDU_DTYPE_I32, -8, 1) == -4);
  CHECK(on_integers(RDU_OP_SHR, RDU_DTYPE_U8, 128, 8) == 0);
  CHECK(on_integers(RDU_OP_NOT, RDU_DTYPE_BOOL, 1) == 0);
  CHECK(on_integers(RDU_OP_GT, RDU_DTYPE_U64, -1, 1) == 1);
}

TEST_CASE("float arithmetic rounds once and keeps NaN") {
  CHECK(on_floats(RDU_OP_ADD, 16777216, 1) == 16777216);
  CHECK(on_floats(RDU_OP_EXP, 1) == static_cast<float>(std::exp(1.0)));
  CHECK(on_floats(RDU_OP_ROUND, 2.5) == 2);
  CHECK(on_floats(RDU_OP_MOD, -7, 3) == 2);
  CHECK(on_floats(RDU_OP_REM, -7, 3) == -1);
  CHECK(std::isnan(on_floats(RDU_OP_MAX, std::nan(""), 1)));
  CHECK(std::isnan(on_floats(RDU_OP_MIN, 1, std::nan(""))));
  CHECK(cast(RDU_DTYPE_F32, RDU_DTYPE_U8, 300.7, 0) == 255);
  CHECK(cast(RDU_DTYPE_I32, RDU_DTYPE_I8, 0, 300) == 44);
  CHECK(cast(RDU_DTYPE_U64, RDU_DTYPE_F64, 0, -1) == 18446744073709551616.0);
}

TEST_CASE("identities of reductions") {
  CHECK(analysis::identity(RDU_COMBINE_MIN, RDU_DTYPE_I8).i == 127);
  CHECK(analysis::identity(RDU_COMBINE_MAX, RDU_DTYPE_I8).i == -128);
  CHECK(analysis::identity(RDU_COMBINE_MIN, RDU_DTYPE_U8).i == 255);
  CHECK(analysis::identity(RDU_COMBINE_MAX, RDU_DTYPE_U8).i == 0);
  CHECK(analysis::identity(RDU_COMBINE_MAX, RDU_DTYPE_F32).f == -kInf);
  CHECK(analysis::identity(RDU_COMBINE_AND, RDU_DTYPE_BOOL).i == 1);
}

}  // namespace
}  // namespace rducc
