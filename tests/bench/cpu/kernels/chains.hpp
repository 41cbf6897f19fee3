// Chains of nodes that more than one family has.
#pragma once

#include "tests/bench/cpu/kernels/family.hpp"

namespace cpu_bench {

// y = softmax of x along the last of `dims`, in the four nodes that the compiler writes.
void add_softmax(Case& c, ValueId x, ValueId y, const Dims& dims);

}  // namespace cpu_bench
