// Where a context's words lie: chains of counters, shares of a loop, guards, banks, and the address programs of all that.
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "tools/rducc/target/rdu/flow.hpp"

namespace chip_apps {

using rducc::rdu::Affine;
using rducc::rdu::at;
using rducc::rdu::BufferHandle;
using rducc::rdu::Chain;
using rducc::rdu::ContextHandle;
using rducc::rdu::Counter;
using rducc::rdu::lanes;
using rducc::rdu::loop;
using rducc::rdu::Memory;
using rducc::rdu::Region;
using rducc::rdu::Scalar;
using rducc::rdu::Section;
using rducc::rdu::Simd;
using rducc::rdu::Stream;
using rducc::rdu::Turn;
using rducc::rdu::Value;

Chain operator+(Chain outer, Counter inner);
Chain operator+(Chain outer, const Chain& inner);

// A loop over `extent` in steps of `step`, shared by `par` copies of its body: in trip t, copy p has what begins at (t · par + p) · step.
// Copies may have nothing to do in the last trip.
struct Strip {
  std::uint32_t extent;
  std::uint32_t step;
  std::uint32_t par;

  std::uint32_t trips() const { return (extent + step * par - 1) / (step * par); }
  Affine index(std::uint32_t counter, std::uint32_t copy) const;
};

// Lanes whose index is outside least … limit - 1 do nothing: they load zeros and store nothing.
struct Guard {
  Affine index;
  std::int64_t limit;
  std::int64_t least = 0;
};

// Of `banks` memories that have the rows in turn, this is number `bank`: rows of others are guarded away.
struct Bank {
  std::uint32_t banks = 1;
  std::uint32_t bank = 0;

  // Whether it has any of the rows that an index over counters takes.
  bool meets(const Affine& row) const;
};

// A row that the data say: a word in each lane, one vector for each iteration at `level`.
struct ChosenRow {
  Stream words;
  std::uint32_t level;
};

// The word at (row, column) of something `width` words wide, or at `column` of a list. Outside of it, lanes do nothing.
struct Place {
  Affine column;
  Affine row = {};
  std::int64_t width = 0;  // 0: a list
  std::vector<Guard> guards = {};
  Bank bank = {};
  std::optional<ChosenRow> chosen = {};  // instead of `row`
  // The innermost counter, which is part of `column`, goes on in the next row after so many words; 0: never.
  std::uint32_t piece = 0;
};

// The address program of a context with that chain, over something of so many words.
void write_address(Memory& memory, const Chain& chain, const Place& place, std::int64_t words);

}  // namespace chip_apps
