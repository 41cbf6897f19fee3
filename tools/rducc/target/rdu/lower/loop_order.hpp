// Which loop of a map or reduction is outermost, when what it reads is made at the same time.
#pragma once

#include "tools/rducc/target/rdu/lower/emit.hpp"

namespace rducc::rdu::lower {

// Simplifies the nest, with that parallel loop outside which waits for the least of its operands: rows of all channels, say, where they come
// row by row. The innermost loop stays.
void simplify_in_pace(const Emitter& emitter, Nest& nest);

}  // namespace rducc::rdu::lower
