// How the points of a reduction meet.
#pragma once

#include <cstdint>

#include "plugins/reference/scalar.hpp"

namespace rdu::reference {

inline bool is_arg(std::uint32_t combine) {
  return combine >= RDU_COMBINE_ARGMIN_FIRST && combine <= RDU_COMBINE_ARGMAX_LAST;
}

// What an empty reduction yields, in the accumulator's dtype.
Scalar identity(std::uint32_t combine, rdu_dtype dtype);

// a ⊕ b for all but ARGMIN and ARGMAX. Floats stay double and integers 64 bits wide; narrow() ends the reduction.
Scalar combine(std::uint32_t combine, Kind kind, Scalar a, Scalar b);

// ARGMIN and ARGMAX: does a candidate that comes later take the place of the best so far?
bool takes_over(std::uint32_t combine, Kind kind, Scalar best, Scalar candidate);

}  // namespace rdu::reference
