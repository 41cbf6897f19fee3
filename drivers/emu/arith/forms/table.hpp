// The table of one instruction set, filled at compile time.
#pragma once

#include "drivers/emu/arith/forms/lanes.hpp"
#include "drivers/emu/arith/forms/operands.hpp"
#include "drivers/emu/arith/forms/systolic.hpp"

namespace rdu_hw::arith::RDU_HW_ARITH_ISA {
namespace {

template <class A, class B>
struct TiledPair {
  static void run(const SystolicBlock& block) { systolic<A, B>(block); }
};

constexpr Forms make_forms(const char* isa) {
  Forms f{};
  f.isa = isa;
  fill_elementwise(f);
  fill_angles(f);
  fill_lanes(f);
  fill_systolic<TiledPair>(f);
  return f;
}

}  // namespace
}  // namespace rdu_hw::arith::RDU_HW_ARITH_ISA
