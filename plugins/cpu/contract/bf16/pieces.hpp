// How the work of products of 16-bit floats is handed out.
#pragma once

#include <algorithm>

#include "plugins/cpu/access/integer.hpp"
#include "plugins/cpu/contract/contract_step.hpp"
#include "plugins/cpu/contract/share.hpp"

namespace rdu::cpu {

// Whole cache lines.
inline std::uint64_t line_up(std::int64_t bytes) {
  return align_up(static_cast<std::uint64_t>(bytes), 64);
}

// Units are the panels of each piece, one piece after the other. A task does piece(number, first panel, end, workspace)
// for every piece that its share of them touches.
template <class Piece>
void for_each_piece(const Run& run, std::int64_t pieces, std::int64_t panels, std::int64_t tasks,
                    const Piece& piece) {
  const std::int64_t units = pieces * panels;
  for_each_task(run, tasks, [&](std::int64_t task, std::byte* workspace) {
    std::int64_t unit = share(units, task, tasks);
    const std::int64_t end = share(units, task + 1, tasks);
    while (unit < end) {
      const std::int64_t first = unit % panels, last = std::min(panels, first + end - unit);
      piece(unit / panels, first, last, workspace);
      unit += last - first;
    }
  });
}

}  // namespace rdu::cpu
