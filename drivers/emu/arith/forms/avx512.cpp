// The block forms, compiled for avx512.
#define RDU_HW_ARITH_ISA avx512
#include "drivers/emu/arith/forms/table.hpp"

namespace rdu_hw::arith {

extern const Forms kAvx512Forms;
constexpr Forms kAvx512Table = avx512::make_forms("avx512");
const Forms kAvx512Forms = kAvx512Table;

}  // namespace rdu_hw::arith
