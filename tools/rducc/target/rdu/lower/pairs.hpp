// Two steps of a contraction's sum to a word: which loop they are of, and where elements lie then.
//
// In a scratchpad of pairs, elements s and s + stride of a storage share a word, the former in the lower half:
//     s = i · 2 stride + half · stride + j,  j < stride,  is half number 2 (i · stride + j) + half
// Elements that are side by side in a word are so for whoever writes them, one by one; readers take words.
#pragma once

#include <optional>

#include "tools/rducc/target/rdu/lower/contract/shape.hpp"
#include "tools/rducc/target/rdu/lower/emit.hpp"

namespace rducc::rdu::lower {

// The loop whose steps an array takes two at a time, where the chip has such arrays and both operands are in bf16 and can lie so.
std::optional<VariableId> choose_pair(const ContractShape& shape, const Emitter& emitter);

// The loop in two: the nest's sum has half as many steps, and both operands are read in pairs.
void make_pairs(const ContractShape& shape, Nest& nest);

// How a reader of pairs finds the first of each in a storage: pitches count halves.
struct PairLayout {
  std::int64_t stride = 1;
  Touch inside;
};
// Nothing where pairs of this access are not pairs of the whole storage.
std::optional<PairLayout> pair_layout(const Nest& nest, const Touch& touch);

}  // namespace rducc::rdu::lower
