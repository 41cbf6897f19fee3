// Damage to encoded headers, from seeds.
#pragma once

#include <cstddef>
#include <random>
#include <vector>

namespace rdu::testing {

using Random = std::mt19937_64;

inline std::size_t below(Random& random, std::size_t bound) { return random() % bound; }

// Offsets and lengths of a header are words of 4 bytes: those are what most changes hit. Now and then it is cut.
void damage(std::vector<std::byte>& bytes, Random& random);

}  // namespace rdu::testing
