// How far the maker of a value must be before each block of a reader: tokens that count ("image", 8).
#pragma once

#include <optional>

#include "tools/rducc/target/rdu/lower/edges.hpp"

namespace rducc::rdu::lower {

// The source sends a token for each iteration at level `writes`, the reader waits before each at `reads`; without a pace for one token.
struct Rhythm {
  std::uint32_t writes = 0, reads = 0;
  std::optional<Pace> pace;
};

// Of a reader whose chain is `order`. Where no relation between the outermost loops is found it waits for all.
Rhythm rhythm_of(const Source& source, const Nest& nest, const Touch& touch,
                 const std::vector<VariableId>& order, bool by_lanes, std::uint32_t lanes);

}  // namespace rducc::rdu::lower
