// Simulated time: whole cycles of one clock.
#pragma once

#include <cstdint>

namespace rdu_hw::sim {

using Time = std::int64_t;

}  // namespace rdu_hw::sim
