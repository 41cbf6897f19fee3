// Makes a changed artifact believable again.
#pragma once

#include <cstddef>
#include <span>

#include "sdk/artifact/format.hpp"

namespace rdu::testing {

// Computes the prefix's hashes anew, so that a change of the metadata reaches the checks behind them. A prefix whose
// sizes do not fit the file is only given its checksum.
inline void seal_artifact(std::span<std::byte> file) {
  using namespace artifact;
  if (file.size() < kPrefixBytes) return;
  const auto get = [&](std::size_t at, int count) {
    std::uint64_t value = 0;
    for (int i = 0; i < count; ++i) {
      value |= std::to_integer<std::uint64_t>(file[at + static_cast<std::size_t>(i)]) << (8 * i);
    }
    return value;
  };
  const auto put = [&](std::size_t at, std::uint64_t value) {
    for (std::size_t i = 0; i < 8; ++i) file[at + i] = static_cast<std::byte>(value >> (8 * i));
  };
  const std::uint64_t begin = get(12, 4);
  const std::uint64_t bytes = get(16, 8);
  if (begin <= file.size() && bytes <= file.size() - begin) {
    const base::Hash128 hash = base::hash128(file.subspan(begin, bytes));
    put(40, hash.low);
    put(48, hash.high);
  }
  put(56, base::hash128(file.first(56)).low);
}

}  // namespace rdu::testing
