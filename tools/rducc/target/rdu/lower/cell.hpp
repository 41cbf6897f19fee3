// How an operand's elements lie in a scratchpad.
#pragma once

#include <rdu_hw/config.h>

#include <cstdint>

namespace rducc::rdu::lower {

enum class Cell {
  kWord,  // as lanes have them
  kHalf,  // in bf16
  kPair   // in bf16, two steps of a loop to a word: what an array of pairs takes
};

constexpr std::uint32_t written_format(Cell cell) {
  return cell == Cell::kWord ? RDU_HW_FORMAT_WORD : RDU_HW_FORMAT_BF16;
}
constexpr std::uint32_t read_format(Cell cell) {
  return cell == Cell::kHalf ? RDU_HW_FORMAT_BF16 : RDU_HW_FORMAT_WORD;
}
// Of an element.
constexpr std::int64_t cell_bytes(Cell cell) { return cell == Cell::kWord ? 4 : 2; }
// Of what a reader takes at once.
constexpr std::int64_t read_bytes(Cell cell) { return cell == Cell::kHalf ? 2 : 4; }

}  // namespace rducc::rdu::lower
