// Elements in memory and words in lanes: the formats.
#pragma once

#include <rdu_hw/config.h>

#include <cstddef>
#include <cstdint>

#include "drivers/emu/arith/forms.hpp"

namespace rdu_hw::emu {

using arith::Word;

// One behind the other in memory, at their natural alignment.
void load_elements(const arith::Forms& forms, std::uint32_t format, const std::byte* from,
                   Word* words, std::size_t count);
void store_elements(const arith::Forms& forms, std::uint32_t format, std::byte* to,
                    const Word* words, std::size_t count);

// One each `stride` bytes, which may be negative or 0; ascending, so that of two in one place the later one stays.
void load_strided(std::uint32_t format, const std::byte* from, std::int64_t stride, Word* words,
                  std::size_t count);
// Rows of `valid` such elements, `step` bytes from one to the next; in `words` a row is `width` long, and 0 behind what is valid.
struct Rows {
  std::int64_t count;
  std::int64_t step;
  std::int64_t stride;
  std::uint32_t valid;
  std::uint32_t width;
};
void load_rows(std::uint32_t format, const std::byte* from, const Rows& rows, Word* words);
void store_strided(const arith::Forms& forms, std::uint32_t format, std::byte* to,
                   std::int64_t stride, const Word* words, std::size_t count);

// One element.
Word load_element(std::uint32_t format, const std::byte* from);
void store_element(const arith::Forms& forms, std::uint32_t format, std::byte* to, Word word);

}  // namespace rdu_hw::emu
