// What one lane computes, from chapter "Arithmetic" of the manual: plain scalar code, nothing shared with the chip's engine.
#pragma once

#include <rdu_hw/config.h>
#include <rdu_hw/ops.h>

#include <cstdint>
#include <span>
#include <vector>

namespace naive {

using Word = std::uint32_t;

// An operation of enum rdu_hw_op; operands that it has not are ignored.
Word operate(std::uint32_t op, Word a, Word b = 0, Word c = 0);

// An fp32 operation of the chapter's table of elementary functions; operands may be anything.
Word elementary(std::uint32_t op, Word a, Word b);

// Folds: what two words become, and what a lane that is left out sends.
Word meet(std::uint32_t fold, Word left, Word right);
Word identity(std::uint32_t fold);
// The tree of a fold over lanes, whose number is padded to a power of two.
Word fold_tree(std::uint32_t fold, std::vector<Word> lanes);

struct Place {
  Word value = 0;
  Word position = 0xffffffffu;
};
Place meet(std::uint32_t pick, Place left, Place right);
Place pick_tree(std::uint32_t pick, std::vector<Place> lanes);

// One step of a systolic element; a pair takes its two.
Word systolic_step(std::uint32_t format, Word a, Word b, Word sum);

// A stored element as a word, and a word as the bytes that are stored.
Word load_element(std::uint32_t format, const std::uint8_t* bytes);
std::vector<std::uint8_t> store_element(std::uint32_t format, Word word);

}  // namespace naive
