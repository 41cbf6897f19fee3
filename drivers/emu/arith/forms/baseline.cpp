// The block forms, compiled for baseline.
#define RDU_HW_ARITH_ISA baseline
#include "drivers/emu/arith/forms/table.hpp"

namespace rdu_hw::arith {

extern const Forms kBaselineForms;
constinit const Forms kBaselineForms = baseline::make_forms("baseline");

}  // namespace rdu_hw::arith
