// How AMX tiles are cut: the memory form of a configuration.
#pragma once

#include <immintrin.h>
#include <stddef.h>
#include <stdint.h>

namespace rdu::cpu {

struct alignas(64) TileShapes {
  uint8_t palette = 1, start_row = 0, reserved[14] = {};
  uint16_t row_bytes[16] = {};
  uint8_t rows[16] = {};

  void set(size_t tile, size_t count, size_t bytes = 64) {
    row_bytes[tile] = static_cast<uint16_t>(bytes);
    rows[tile] = static_cast<uint8_t>(count);
  }
};

}  // namespace rdu::cpu
