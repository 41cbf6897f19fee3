// Reduction trees of many vectors at once, and accumulation registers.
#pragma once

#include "drivers/emu/arith/definitions/lanes.hpp"
#include "drivers/emu/arith/forms/elementwise.hpp"

namespace rdu_hw::arith::RDU_HW_ARITH_ISA {
namespace {

constexpr std::uint64_t kAllLanes = ~std::uint64_t{0};

inline std::uint64_t mask_of(const Vectors& vectors, std::size_t v) {
  return vectors.masks == nullptr ? kAllLanes : vectors.masks[v];
}

// The leaves of one vector.
template <class Rule>
inline void fill_leaves(Word* leaves, unsigned width, const Vectors& vectors, std::size_t v) {
  const Word* words = vectors.words + v * vectors.lanes;
  const std::uint64_t mask = mask_of(vectors, v);
  if (vectors.lanes == width && vectors.masks == nullptr) {
    __builtin_memcpy(leaves, words, width * sizeof *words);
    return;
  }
  for (unsigned l = 0; l < vectors.lanes; ++l) leaves[l] = sent<Rule>(words[l], mask, l);
  for (unsigned l = vectors.lanes; l < width; ++l) leaves[l] = Rule::kIdentity;
}

// A level of all trees of a chunk is one loop: neighbours never belong to two trees.
template <class Rule>
void trees(Word* results, const Vectors& vectors) {
  constexpr std::size_t kChunk = 1024;
  Word level[kChunk];
  const unsigned width = num_leaves(vectors.lanes);
  const std::size_t most = kChunk / width;
  for (std::size_t v = 0; v < vectors.count; v += most) {
    const std::size_t num = vectors.count - v < most ? vectors.count - v : most;
    for (std::size_t i = 0; i < num; ++i) {
      fill_leaves<Rule>(level + i * width, width, vectors, v + i);
    }
    for (std::size_t half = num * width / 2; half >= num; half /= 2) {
      RDU_HW_ARITH_VECTORIZE
      for (std::size_t i = 0; i < half; ++i) level[i] = Rule::meet(level[2 * i], level[2 * i + 1]);
    }
    for (std::size_t i = 0; i < num; ++i) results[v + i] = level[i];
  }
}

template <class Rule>
void accumulate(Word* registers, const Vectors& vectors) {
  const std::size_t lanes = vectors.lanes;
  Word masked[kMaxLanes];
  for (std::size_t v = 0; v < vectors.count; ++v) {
    const Word* words = vectors.words + v * lanes;
    if (vectors.masks != nullptr) {
      fill_leaves<Rule>(masked, vectors.lanes, vectors, v);
      words = masked;
    }
    RDU_HW_ARITH_VECTORIZE
    for (std::size_t l = 0; l < lanes; ++l) registers[l] = Rule::meet(registers[l], words[l]);
  }
}

inline Place place_of(const Vectors& vectors, const Word* positions, std::size_t v, unsigned l) {
  const std::size_t at = v * vectors.lanes + l;
  const bool used = (mask_of(vectors, v) >> l & 1u) != 0;
  return used ? Place{vectors.words[at], positions[at]} : kEmpty;
}

template <class Rule>
void pick_trees(Word* values, Word* positions, const Vectors& vectors,
                const Word* vector_positions) {
  for (std::size_t v = 0; v < vectors.count; ++v) {
    Place level[kMaxLanes];
    unsigned width = num_leaves(vectors.lanes);
    for (unsigned l = 0; l < width; ++l) {
      level[l] = l < vectors.lanes ? place_of(vectors, vector_positions, v, l) : kEmpty;
    }
    for (; width > 1; width /= 2) {
      for (unsigned i = 0; i < width / 2; ++i) {
        level[i] = Rule::meet(level[2 * i], level[2 * i + 1]);
      }
    }
    values[v] = level[0].value;
    positions[v] = level[0].position;
  }
}

template <class Rule>
void pick_accumulate(Word* values, Word* positions, const Vectors& vectors,
                     const Word* vector_positions) {
  for (std::size_t v = 0; v < vectors.count; ++v) {
    for (unsigned l = 0; l < vectors.lanes; ++l) {
      const Place held =
          Rule::meet({values[l], positions[l]}, place_of(vectors, vector_positions, v, l));
      values[l] = held.value;
      positions[l] = held.position;
    }
  }
}

constexpr void fill_lanes(Forms& f) {
#define X(name, number, identity)                   \
  f.tree[number] = trees<FoldRule<name, identity>>; \
  f.accumulate[number] = accumulate<FoldRule<name, identity>>;
  RDU_HW_ARITH_FOLDS(X)
#undef X
#define X(name, number, type, greatest, last)                       \
  f.pick_tree[number] = pick_trees<PickRule<type, greatest, last>>; \
  f.pick_accumulate[number] = pick_accumulate<PickRule<type, greatest, last>>;
  RDU_HW_ARITH_PICKS(X)
#undef X
}

}  // namespace
}  // namespace rdu_hw::arith::RDU_HW_ARITH_ISA
