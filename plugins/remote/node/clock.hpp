// The one clock of the peer, monotonic.
#pragma once

#include <chrono>
#include <cstdint>

namespace rdu::remote::node {

inline std::uint64_t now_ns() {
  return static_cast<std::uint64_t>(std::chrono::steady_clock::now().time_since_epoch().count());
}

inline constexpr std::uint64_t kMillisecond = 1'000'000;
inline constexpr std::uint64_t kSecond = 1'000'000'000;

}  // namespace rdu::remote::node
