// Copies of boxes whose source positions come from tables: resized, repeated and padded dimensions.
#pragma once

#include "plugins/cpu/access/row_walk.hpp"

namespace rdu::cpu {

// May `table_copy` move it? Loops are those of a nest in the order of the result.
bool is_table_copy(const Access& from, const Access& to, std::uint32_t num_loops);

// Elements of 1 << log2_bytes bytes.
void table_copy(const Kernels& kernels, const Run& run, const Access& from, const Access& to,
                std::uint32_t log2_bytes, const Box& box);

}  // namespace rdu::cpu
