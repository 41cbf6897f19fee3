// What a stage must be able to do for an operation.
#pragma once

#include <cstdint>

namespace rdu_hw::image {

// RDU_HW_FN_ that the operation takes, all of them; 0 for what every stage does.
std::uint32_t functions_of(std::uint32_t op);
// RDU_HW_DTYPE_ that it computes in; 0 for operations on bits.
std::uint32_t dtype_of_op(std::uint32_t op);
std::uint32_t dtype_of_fold(std::uint32_t fold);
std::uint32_t dtype_of_pick(std::uint32_t pick);

}  // namespace rdu_hw::image
