// What a chip computes, and substitutes for what it does not.
#include "tools/rducc/target/rdu/lower/special.hpp"

#include "drivers/image/functions.hpp"
#include "tools/rducc/target/rdu/lower/decline.hpp"

namespace rducc::rdu::lower {

bool can_compute(const rdu_hw_arch& arch, rdu_hw_op op) {
  const std::uint32_t needs = rdu_hw::image::functions_of(op);
  if (op == RDU_HW_OP_BF16_OF_F32 && (arch.pcu.dtypes & RDU_HW_DTYPE_BF16) == 0) return false;
  return (needs & ~arch.pcu.stage_functions) == 0 || (needs & ~arch.pcu.tail_functions) == 0;
}

// Abramowitz and Stegun 7.1.26: 1 - t (a1 + t (a2 + …)) exp(-x²), t = 1 / (1 + p |x|), with the sign of x.
Value emit_erf(Simd& simd, Value x, const rdu_hw_arch& arch) {
  if (can_compute(arch, RDU_HW_OP_ERF_F32)) return simd.compute(RDU_HW_OP_ERF_F32, x);
  if (!can_compute(arch, RDU_HW_OP_EXP_F32) || !can_compute(arch, RDU_HW_OP_RCP_F32)) {
    decline(RDU_REASON_BODY_OP, "ERF");
  }
  constexpr float kScale = 0.3275911f;
  constexpr float kTerms[] = {1.061405429f, -1.453152027f, 1.421413741f, -0.284496736f,
                              0.254829592f};
  const Value size = simd.compute(RDU_HW_OP_ABS_F32, x);
  const Value t = simd.compute(
      RDU_HW_OP_RCP_F32, simd.compute(RDU_HW_OP_FMA_F32, size, Simd::real(kScale), Simd::real(1)));
  Value sum = Simd::real(kTerms[0]);
  for (std::size_t i = 1; i < std::size(kTerms); ++i) {
    sum = simd.compute(RDU_HW_OP_FMA_F32, sum, t, Simd::real(kTerms[i]));
  }
  sum = simd.compute(RDU_HW_OP_MUL_F32, sum, t);
  const Value square = simd.compute(RDU_HW_OP_MUL_F32, size, size);
  const Value falls = simd.compute(RDU_HW_OP_EXP_F32, simd.compute(RDU_HW_OP_NEG_F32, square));
  const Value magnitude =
      simd.compute(RDU_HW_OP_SUB_F32, Simd::real(1), simd.compute(RDU_HW_OP_MUL_F32, sum, falls));
  return simd.compute(RDU_HW_OP_MUL_F32, magnitude, simd.compute(RDU_HW_OP_SIGN_F32, x));
}

// Half of the last bit that stays is added, and one less where that bit is 0. A product with 1 makes a NaN one that this leaves a NaN.
Value emit_bf16(Simd& simd, Value x, const rdu_hw_arch& arch) {
  if (can_compute(arch, RDU_HW_OP_BF16_OF_F32)) return simd.compute(RDU_HW_OP_BF16_OF_F32, x);
  const Value word = simd.compute(RDU_HW_OP_MUL_F32, x, Simd::real(1));
  const Value last =
      simd.compute(RDU_HW_OP_AND_WORD, simd.compute(RDU_HW_OP_SHR_WORD, word, Simd::integer(16)),
                   Simd::integer(1));
  const Value half = simd.compute(RDU_HW_OP_ADD_I32, last, Simd::integer(0x7fff));
  return simd.compute(RDU_HW_OP_AND_WORD, simd.compute(RDU_HW_OP_ADD_I32, word, half),
                      Simd::word(0xffff0000u));
}

}  // namespace rducc::rdu::lower
