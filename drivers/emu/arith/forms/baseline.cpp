// The block forms, compiled for baseline.
#define RDU_HW_ARITH_ISA baseline
#include "drivers/emu/arith/forms/table.hpp"

namespace rdu_hw::arith {

extern const Forms kBaselineForms;
constexpr Forms kBaselineTable = baseline::make_forms("baseline");
const Forms kBaselineForms = kBaselineTable;

}  // namespace rdu_hw::arith
