// Which operations of a SIMD context go together: greedy, in topological order, the better of two orders.
#pragma once

#include <rdu_hw/arch.h>

#include "sdk/base/result.hpp"
#include "tools/rducc/target/rdu/piece.hpp"

namespace rducc::rdu {

// Ascending numbers of items, piece by piece; each takes results of earlier pieces only.
using Cut = std::vector<std::vector<std::uint32_t>>;

base::Result<Cut> choose_cut(const Context& context, const ValueFacts& facts,
                             const std::vector<Item>& items, const rdu_hw_arch& arch);

// The pieces of a cut, each with what the others need of it.
std::vector<Piece> make_pieces(const Context& context, const ValueFacts& facts,
                               const std::vector<Item>& items, const Cut& cut);

// What of a PCU the piece lacks, as shortage() says it; also that something follows from an operation of the tail.
std::string shortage_of(const Context& context, const rdu_hw_arch& arch);

}  // namespace rducc::rdu
