// Damages an artifact the way a fuzzer would, from a seed.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

namespace rdu::testing {

// Changes one to eight places of the metadata: bits, words that become small, large or other words of the file, and
// sometimes prefix, length or weights. Then makes the hashes fit, so that the change gets past them.
// The same seed gives the same change.
std::vector<std::byte> mutated(const std::vector<std::byte>& file, std::uint64_t seed);

}  // namespace rdu::testing
