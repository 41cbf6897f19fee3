// How work that is cut into units becomes tasks: neighbouring units, as equal in number as they can be. The figures depend
// on the work alone, never on the threads.
#pragma once

#include <algorithm>
#include <cstdint>

namespace rdu::cpu {

inline constexpr std::int64_t kTaskFlops =
    1 << 19;  // some microseconds: ten times what a region costs
inline constexpr std::int64_t kMostTasks = 64;

inline std::int64_t tasks_for(std::int64_t flops) {
  const std::int64_t tasks = std::clamp<std::int64_t>(flops / kTaskFlops, 1, kMostTasks);
  return tasks & ~std::int64_t{tasks > 2};
}

// Likewise for work that is bound by reading weights from the second-level cache.
inline constexpr std::int64_t kTaskBytes = 128 << 10;
inline std::int64_t tasks_for_bytes(std::uint64_t bytes) {
  return std::clamp<std::int64_t>(static_cast<std::int64_t>(bytes) / kTaskBytes, 1, kMostTasks);
}

// The first of the units of a task; that of task + 1 is the end.
inline std::int64_t share(std::int64_t units, std::int64_t task, std::int64_t tasks) {
  return units * task / tasks;
}

}  // namespace rdu::cpu
