// Within a run only its ends are the first or the last of anything.
#include "drivers/emu/units/block.hpp"

namespace rdu_hw::emu {

void Block::reserve(std::int64_t firings, unsigned levels) {
  const auto size = static_cast<std::size_t>(firings);
  first_.resize(size);
  last_.resize(size);
  valid_.resize(size);
  masks_.resize(size);
  listed_.resize(levels + 1, false);
  rows_.resize(levels + 1);
}

void Block::note_run(const Chain& chain, std::int64_t at, std::int64_t firings) {
  const auto level = static_cast<std::uint16_t>(chain.run_level());
  const auto begin = static_cast<std::size_t>(at);
  const auto end = static_cast<std::size_t>(at + firings);
  const std::uint32_t lanes = chain.valid_lanes();
  for (std::size_t i = begin; i < end; ++i) {
    first_[i] = last_[i] = level;
    valid_[i] = lanes;
    masks_[i] = ~std::uint64_t{0} >> (64 - lanes);
  }
  first_[begin] = static_cast<std::uint16_t>(chain.first_level());
  if (firings != chain.firings_left()) return;
  // The first of a run has all lanes that any has, the last may have fewer.
  last_[end - 1] = static_cast<std::uint16_t>(chain.run_end_level());
  valid_[end - 1] = chain.valid_lanes(firings - 1);
  masks_[end - 1] = ~std::uint64_t{0} >> (64 - valid_[end - 1]);
}

void Block::find_rows() {
  for (std::size_t level = 0; level < rows_.size(); ++level) {
    if (!listed_[level]) continue;
    rows_[level].clear();
    for (std::int64_t i = 0; i < count_; ++i) {
      if (last_[static_cast<std::size_t>(i)] <= level) {
        rows_[level].push_back(static_cast<std::int32_t>(i));
      }
    }
  }
}

}  // namespace rdu_hw::emu
