// How many cycles the banks of a scratchpad need for a vector.
#pragma once

#include <rdu_hw/arch.h>
#include <rdu_hw/config.h>

#include <cstdint>
#include <vector>

#include "drivers/emu/units/address.hpp"

namespace rdu_hw::emu {

// Of one context's accesses to one buffer. What a line of addresses costs repeats with its first address: each place in the
// period is counted once.
class Banks {
 public:
  Banks(const rdu_hw_arch& arch, const rdu_hw_buffer& buffer, bool writes);

  // Whether every vector takes one cycle.
  bool never_conflict() const { return buffer_.bank_mode == RDU_HW_BANK_DUPLICATED && !writes_; }
  // Whether vectors of so many lanes that lie so many bytes apart do, wherever they begin.
  bool never_conflict(std::int64_t stride, std::uint32_t lanes) const;
  // Of the lanes that are on; at least 1.
  int cycles(const Addresses& addresses);
  // The same of vectors in a row, all lines of these lanes, each `step` bytes behind the one before: how many take as long as the first.
  // Moves `line` along.
  std::int64_t alike(Addresses& line, std::int64_t step, std::int64_t most);

 private:
  int count(const Addresses& addresses) const;
  std::int64_t place_of(std::int64_t address) const;
  std::uint64_t bank_of(std::uint64_t word) const;

  rdu_hw_buffer buffer_;
  bool writes_;
  std::uint64_t banks_;
  std::int64_t period_;      // in bytes, after which banks repeat
  std::int64_t stride_ = 0;  // of the lines that known_ is about
  std::uint64_t on_ = 0;
  std::vector<std::uint8_t> known_;  // 0: not yet counted
};

}  // namespace rdu_hw::emu
