// Rows that kernels move at once: each element where it belongs, and nothing beside them touched.
#include <catch2/catch.hpp>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <vector>

#include "plugins/cpu/simd/kernels.hpp"

namespace {

using rdu::cpu::Kernels;
using Bytes = std::vector<std::uint8_t>;

constexpr std::uint8_t kUntouched = 0xee;
constexpr std::size_t kRows = 3, kGap = 5;

std::vector<const Kernels*> all_kernels() {
  std::vector<const Kernels*> all;
  for (const char* isa : {"baseline", "avx2", "avx512"}) {
    if (const Kernels* kernels = rdu::cpu::select_kernels(isa)) all.push_back(kernels);
  }
  return all;
}

Bytes numbers(std::size_t count) {
  Bytes bytes(count);
  for (std::size_t i = 0; i < count; ++i) bytes[i] = static_cast<std::uint8_t>(i * 7 + i / 200);
  return bytes;
}

// Word lengths, their neighbours, and rows that memcpy moves.
const std::size_t kColumns[] = {1,  2,  3,  4,  5,  7,  8,  9,  15,  16,  17,
                                31, 32, 33, 48, 63, 64, 65, 96, 127, 128, 2500};

}  // namespace

TEST_CASE("rows move to rows that lie further apart") {
  for (const Kernels* kernels : all_kernels()) {
    for (std::size_t log2 = 0; log2 < 4; ++log2) {
      for (const std::size_t columns : kColumns) {
        INFO(kernels->isa << ", " << columns << " elements of " << (1u << log2) << " bytes");
        const std::size_t row = columns << log2, gap = kGap << log2;
        const Bytes from = numbers(kRows * row);
        Bytes to(kRows * (row + gap), kUntouched), expected = to;
        for (std::size_t r = 0; r < kRows; ++r) {
          std::memcpy(&expected[r * (row + gap)], &from[r * row], row);
        }
        kernels->move[log2].rows(to.data(), static_cast<std::int64_t>(columns + kGap), from.data(),
                                 static_cast<std::int64_t>(columns), kRows, columns);
        REQUIRE(to == expected);
      }
    }
  }
}

TEST_CASE("rows come from where a list says") {
  for (const Kernels* kernels : all_kernels()) {
    for (std::size_t log2 = 0; log2 < 4; ++log2) {
      for (const std::size_t columns : kColumns) {
        INFO(kernels->isa << ", " << columns << " elements of " << (1u << log2) << " bytes");
        const std::size_t row = columns << log2;
        const Bytes from = numbers(row + (kGap << log2));
        const std::int64_t offsets[kRows] = {4, 0, 2};
        Bytes to(kRows * row + kGap, kUntouched), expected = to;
        for (std::size_t r = 0; r < kRows; ++r) {
          std::memcpy(&expected[r * row], &from[static_cast<std::size_t>(offsets[r]) << log2], row);
        }
        kernels->move[log2].rows_at(to.data(), from.data(), offsets, kRows, columns);
        REQUIRE(to == expected);
      }
    }
  }
}

TEST_CASE("an element becomes a row") {
  for (const Kernels* kernels : all_kernels()) {
    for (std::size_t log2 = 0; log2 < 4; ++log2) {
      for (const std::size_t columns : kColumns) {
        INFO(kernels->isa << ", " << columns << " elements of " << (1u << log2) << " bytes");
        const std::size_t size = std::size_t{1} << log2, step = columns + kGap;
        const Bytes from = numbers(2 * kRows * size);
        Bytes to(kRows * step * size, kUntouched), expected = to;
        for (std::size_t r = 0; r < kRows; ++r) {
          for (std::size_t c = 0; c < columns; ++c) {
            std::memcpy(&expected[(r * step + c) * size], &from[2 * r * size], size);
          }
        }
        kernels->move[log2].spread(to.data(), static_cast<std::int64_t>(step), from.data(), 2,
                                   kRows, columns);
        REQUIRE(to == expected);
      }
    }
  }
}
