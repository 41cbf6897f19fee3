// Random sections: streams from loads through maps, buffers, tables and reductions to stores.
#pragma once

#include <vector>

#include "tests/drivers/image/random_sketch.hpp"

namespace image_test {

// What sections leave for later ones.
struct Legacy {
  struct Region {
    std::uint32_t argument;
    std::uint64_t words;
  };
  struct Tile {
    rdu_hw_buffer buffer;
    Domain domain;  // of the words in it, in order
    std::uint32_t format;
  };
  std::vector<Region> regions;
  std::vector<Tile> tiles;
};

// Contexts without places and links without routes. Takes from `found` what earlier sections left; in what this one leaves,
// a tile's buffer has the number of the section's buffer for a row until there are places.
void add_random_contexts(Sketch& sketch, Legacy& found, Legacy& left);

}  // namespace image_test
