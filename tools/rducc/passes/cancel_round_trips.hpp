// Drops dequantisation that the next instruction undoes.
#pragma once

#include "sdk/artifact/model.hpp"

namespace rducc::passes {

// An 8-bit number dequantised and quantised again with the same scale and zero point is itself: the
// quotient is less than 2^-14 from an integer. What only moves data between layers of a quantised model
// (Concat, Transpose, MaxPool) becomes a copy.
void cancel_round_trips(rdu::artifact::Variant& variant);

}  // namespace rducc::passes
