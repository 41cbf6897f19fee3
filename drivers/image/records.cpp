// Short ways to write the records of a program.
#include "drivers/image/program.hpp"

namespace rdu_hw::image {

rdu_hw_counter counter(std::uint32_t extent, std::uint32_t lanes, std::int32_t step,
                       std::int32_t start) {
  return {start, step, extent, lanes, RDU_HW_EXTENT_CONSTANT, RDU_HW_NONE};
}

rdu_hw_port input(std::uint32_t kind, std::uint32_t number, std::uint32_t level) {
  return {RDU_HW_INPUT, kind, number, RDU_HW_NONE, level, RDU_HW_ROOM_LAST, {}};
}

rdu_hw_port output(std::uint32_t kind, std::uint32_t number, std::uint32_t level,
                   rdu_hw_operand value, std::uint32_t room) {
  return {RDU_HW_OUTPUT, kind, number, RDU_HW_NONE, level, room, value};
}

rdu_hw_operand operand(std::uint16_t kind, std::uint32_t value, std::int16_t shift) {
  return {kind, shift, value};
}

rdu_hw_instruction compute(std::uint16_t op, std::uint32_t stage, std::uint32_t result,
                           rdu_hw_operand a, rdu_hw_operand b, rdu_hw_operand c) {
  return {RDU_HW_DO_COMPUTE, op, stage, result, RDU_HW_NONE, RDU_HW_NONE, 0, {a, b, c}};
}

rdu_hw_instruction accumulate(std::uint16_t kind, std::uint16_t code, std::uint32_t stage,
                              std::uint32_t result, std::uint32_t level, rdu_hw_operand a,
                              rdu_hw_operand b, rdu_hw_operand c) {
  return {kind, code, stage, result, RDU_HW_NONE, level, 0, {a, b, c}};
}

rdu_hw_sink sink(rdu_hw_end end, std::uint32_t depth, std::uint32_t hop) {
  return {end, depth, hop, 0, 0, 0, 0, 0};
}

rdu_hw_term counter_term(std::uint32_t counter, std::int64_t coefficient) {
  return {RDU_HW_TERM_COUNTER, counter, coefficient};
}

}  // namespace rdu_hw::image
