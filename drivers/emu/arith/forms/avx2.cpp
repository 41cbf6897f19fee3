// The block forms, compiled for avx2.
#define RDU_HW_ARITH_ISA avx2
#include "drivers/emu/arith/forms/table.hpp"

namespace rdu_hw::arith {

extern const Forms kAvx2Forms;
constinit const Forms kAvx2Forms = avx2::make_forms("avx2");

}  // namespace rdu_hw::arith
