// How the firings of a block lie in the iterations of their context.
#pragma once

#include <cstdint>
#include <vector>

#include "drivers/emu/units/chain.hpp"

namespace rdu_hw::emu {

class Block {
 public:
  // For blocks of so many firings of a context with so many counters.
  void reserve(std::int64_t firings, unsigned levels);
  // Keeps the list of rows() at this level.
  void list_rows(unsigned level) { listed_[level] = some_listed_ = true; }

  // The next `count` firings of the chain, which is walked; visit as walk_runs() does.
  template <typename Visit>
  void begin(Chain& chain, std::int64_t count, const Visit& visit) {
    count_ = count;
    tails_ = chain.has_tails();
    walk_runs(chain, count, [&](std::int64_t at, std::int64_t firings) {
      note_run(chain, at, firings);
      visit(at, firings);
    });
    if (some_listed_) find_rows();
  }

  std::int64_t count() const { return count_; }
  // The least level at which firing i is the first, or the last, of an iteration.
  unsigned first(std::int64_t i) const { return first_[static_cast<std::size_t>(i)]; }
  unsigned last(std::int64_t i) const { return last_[static_cast<std::size_t>(i)]; }
  // The firings that are the last of an iteration at a listed level.
  const std::vector<std::int32_t>& rows(unsigned level) const { return rows_[level]; }
  bool has_tails() const { return tails_; }
  std::uint32_t valid(std::int64_t i) const { return valid_[static_cast<std::size_t>(i)]; }
  // By firing, a bit for each valid lane.
  const std::uint64_t* masks() const { return masks_.data(); }

 private:
  void note_run(const Chain& chain, std::int64_t at, std::int64_t firings);
  void find_rows();

  std::int64_t count_ = 0;
  bool tails_ = false;
  bool some_listed_ = false;
  std::vector<std::uint16_t> first_, last_;
  std::vector<std::uint32_t> valid_;
  std::vector<std::uint64_t> masks_;
  std::vector<bool> listed_;
  std::vector<std::vector<std::int32_t>> rows_;
};

}  // namespace rdu_hw::emu
