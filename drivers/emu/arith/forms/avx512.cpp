// The block forms, compiled for avx512.
#define RDU_HW_ARITH_ISA avx512
#include "drivers/emu/arith/forms/table.hpp"

namespace rdu_hw::arith {

extern const Forms kAvx512Forms;
constinit const Forms kAvx512Forms = avx512::make_forms("avx512");

}  // namespace rdu_hw::arith
