// Elements of the graph as words of the chip.
#pragma once

#include <rdu/graph.h>

#include <cstdint>

#include "sdk/artifact/model.hpp"

namespace rducc::rdu::lower {

// Floats are fp32 or bf16; integers and truths are int32, converted and checked where they enter the chip.
constexpr bool is_float_word(rdu_dtype dtype) {
  return dtype == RDU_DTYPE_F32 || dtype == RDU_DTYPE_BF16;
}
// Of an element in the chip's memory. bf16 is stored as it is, and widened in lanes.
constexpr std::int64_t memory_bytes(rdu_dtype dtype) { return dtype == RDU_DTYPE_BF16 ? 2 : 4; }
std::uint32_t memory_format(rdu_dtype dtype);
// Declines what has no word.
void require_dtype(rdu_dtype dtype);
// Declines an integer that no word holds.
std::uint32_t word_of(rdu_dtype dtype, const ::rdu::artifact::Scalar& scalar);
// RDU_HW_CONVERT_ of an element on its way between host and chip.
std::uint32_t conversion_of(rdu_dtype dtype);

}  // namespace rducc::rdu::lower
