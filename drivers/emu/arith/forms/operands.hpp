// The table of systolic operand pairs, filled from any implementation of one pair.
#pragma once

#include "drivers/emu/arith/definitions/systolic.hpp"
#include "drivers/emu/arith/forms.hpp"

namespace rdu_hw::arith::RDU_HW_ARITH_ISA {
namespace {

template <template <class, class> class Pair, class A, class... Bs>
constexpr void fill_row(Forms& f, Operand a, Operand first) {
  std::size_t b = static_cast<std::size_t>(first);
  ((f.systolic[static_cast<std::size_t>(a)][b++] = Pair<A, Bs>::run), ...);
}

template <template <class, class> class Pair>
constexpr void fill_systolic(Forms& f) {
  using I32 = Integer<std::int32_t>;
  using I8 = Integer<std::int8_t>;
  using U8 = Integer<std::uint8_t>;
  fill_row<Pair, Fp32, Fp32, Bf16>(f, Operand::kFp32, Operand::kFp32);
  fill_row<Pair, Bf16, Fp32, Bf16>(f, Operand::kBf16, Operand::kFp32);
  fill_row<Pair, I32, I32, I8, U8>(f, Operand::kInt32, Operand::kInt32);
  fill_row<Pair, I8, I32, I8, U8>(f, Operand::kInt8, Operand::kInt32);
  fill_row<Pair, U8, I32, I8, U8>(f, Operand::kUint8, Operand::kInt32);
}

}  // namespace
}  // namespace rdu_hw::arith::RDU_HW_ARITH_ISA
