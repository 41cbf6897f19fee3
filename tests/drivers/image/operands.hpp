// Operands of hand-made instructions.
#pragma once

#include <cstdint>

#include "drivers/image/program.hpp"

namespace image_test {

inline rdu_hw_operand reg(std::uint32_t number) {
  return rdu_hw::image::operand(RDU_HW_OPERAND_REGISTER, number);
}
inline rdu_hw_operand in(std::uint32_t port) {
  return rdu_hw::image::operand(RDU_HW_OPERAND_INPUT, port);
}
inline rdu_hw_operand word(std::uint32_t value) {
  return rdu_hw::image::operand(RDU_HW_OPERAND_CONSTANT, value);
}

}  // namespace image_test
