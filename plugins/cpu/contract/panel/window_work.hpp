// What a call of a convolution works on.
#pragma once

#include <cstdint>

namespace rdu::cpu {

// One panel of output channels of one image. Points of the source and of the result count from where they begin here.
struct WindowWork {
  const float* source;
  std::int64_t source_point;
  float* sums;
  std::int64_t sums_block;  // floats between blocks of channels
  std::int64_t first_point;
  const float* bias;   // null: none; whole blocks
  const float* start;  // null: none; lies as the sums do
  float* memory;       // of the task
};

}  // namespace rdu::cpu
