// Quantises the parts of a concatenation instead of the whole.
#pragma once

#include "sdk/artifact/model.hpp"

namespace rducc::passes {

// A map that makes a join narrower, being its only reader, is done by each writer of the join on its
// part: the writers get values of their own, the map one copy per part, and the result is the join.
// So the wide whole is never stored, and each copy can become part of what wrote its operand.
void split_joins(rdu::artifact::Variant& variant);

}  // namespace rducc::passes
