// Names and arities out of the lists in <rdu/body_ops.h>.
#pragma once

#include <rdu/body_ops.h>

#include <cstdint>

namespace rdu::artifact {

// "?" for what is not in the list. Body operations in capitals, as in the list.
const char* op_name(std::uint32_t op);
const char* combine_name(std::uint32_t combine);
const char* pattern_name(std::uint32_t pattern);  // in lower case

// How many of a, b, c are registers; `op` is in the list.
std::uint32_t op_operands(std::uint32_t op);

}  // namespace rdu::artifact
