// Where a burst lies: a mixed-radix number whose digits are channel, rank, group, bank, row and column. Strides that are powers of two would stay in
// one bank group: its digit is hashed.
#pragma once

#include <array>
#include <cstdint>

#include "drivers/emu/dram/config.hpp"

namespace rdu_hw::dram {

struct Place {
  std::int32_t channel;
  std::int32_t bank;  // of the channel: (rank * groups + group) * banks + bank
  std::int64_t row;
  std::int64_t column;  // in bursts
  friend bool operator==(const Place&, const Place&) = default;
};

class AddressMap {
 public:
  explicit AddressMap(const Config& config);  // without fault

  Place place(std::uint64_t address) const;
  // The first byte of a burst: the inverse.
  std::uint64_t address(const Place& place) const;

 private:
  enum Field { kChannel, kRank, kGroup, kBank, kRow, kColumn, kFields };
  using Digits = std::array<std::uint64_t, kFields>;

  // A power of two, which most sizes are, divides by a shift.
  struct Digit {
    Field field;
    std::uint64_t size;
    std::int32_t shift;  // -1: no power of two
  };

  std::uint64_t folded(std::uint64_t above) const;

  std::array<Digit, kFields> digits_;  // least significant first
  std::uint64_t burst_bytes_, bursts_, groups_, banks_;
  int group_bits_;  // 0: not hashed
};

}  // namespace rdu_hw::dram
