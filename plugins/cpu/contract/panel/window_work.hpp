// What a call of a convolution works on.
#pragma once

#include <cstdint>

namespace rdu::cpu {

// One panel of output channels of one image. Points of the result count from `first_point`.
struct WindowWork {
  const float* source;
  float* sums;
  std::int64_t sums_block;  // floats between blocks of channels
  std::int64_t first_point;
  const float* bias;   // null: none; whole blocks
  const float* start;  // null: none; lies as the sums do
  float* memory;       // of the task
};

}  // namespace rdu::cpu
