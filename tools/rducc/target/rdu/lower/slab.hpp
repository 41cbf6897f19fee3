// The part of a value that a user inside the section needs, as it lies in a scratchpad: runs of elements at a regular distance.
#pragma once

#include <optional>

#include "tools/rducc/target/rdu/lower/residents.hpp"

namespace rducc::rdu::lower {

// Element e of the value, with e = outer · period + inner, is word outer · width + inner - low where low ≤ inner < low + width. However its
// users and makers see the dimensions of the value, elements have the same numbers.
struct Slab {
  std::int64_t period = 1, low = 0, width = 1;
  std::int64_t count = 1;  // of runs

  std::int64_t words() const { return count * width; }
};

// What the touch needs over all loops of the nest: the dimension that saves most is restricted to the positions in use. `inside` becomes the
// access in the slab.
std::optional<Slab> make_slab(const Nest& nest, Touch& inside);

// Where a pipe's elements are in the slab; nothing where none of them is. Declines what crosses the slab's runs.
std::optional<Touch> place_in(const Slab& slab, const Pipe& pipe);

}  // namespace rducc::rdu::lower
