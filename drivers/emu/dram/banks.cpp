// Keeps, for each bank, group, rank and the data bus, the earliest clock that the commands so far leave free.
#include "drivers/emu/dram/banks.hpp"

#include <algorithm>

namespace rdu_hw::dram {
namespace {

void raise(Clock& earliest, Clock to) { earliest = std::max(earliest, to); }

}  // namespace

Banks::Banks(const Config& config)
    : timing_(config.timing),
      groups_per_rank_(config.geometry.groups),
      banks_per_rank_(config.geometry.banks_per_rank()),
      banks_(config.geometry.banks_per_channel()),
      groups_(config.geometry.ranks * config.geometry.groups),
      ranks_(config.geometry.ranks) {
  for (std::size_t b = 0; b < banks_.size(); ++b) {
    banks_[b].rank = static_cast<std::int32_t>(b) / banks_per_rank_;
    banks_[b].group = static_cast<std::int32_t>(b) / config.geometry.banks;
  }
  for (Rank& r : ranks_) r.activates.fill(-timing_.faw);
}

Clock Banks::earliest_refresh(std::int32_t rank) const {
  Clock earliest = 0;
  for (std::int32_t b = first_of(rank); b < first_of(rank + 1); ++b) {
    raise(earliest, banks_[b].activate);
  }
  return earliest;
}

void Banks::activate(std::int32_t bank, std::int64_t row, Clock at) {
  Bank& b = banks_[bank];
  b.row = row;
  b.column = at + timing_.rcd;
  raise(b.precharge, at + timing_.ras);
  raise(b.activate, at + timing_.rc);
  Rank& r = ranks_[b.rank];
  r.activates[r.oldest] = at;
  r.oldest = (r.oldest + 1) % r.activates.size();
  for (std::int32_t g = 0; g < groups_per_rank_; ++g) {
    const std::int32_t group = b.rank * groups_per_rank_ + g;
    raise(groups_[group].activate, at + (group == b.group ? timing_.rrd_l : timing_.rrd_s));
  }
}

Clock Banks::column(std::int32_t bank, Direction direction, Clock at) {
  Bank& b = banks_[bank];
  const Clock end = at + latency(direction) + timing_.burst();
  bus_free_ = end;
  bus_rank_ = b.rank;
  space_columns(bank, direction, at + timing_.ccd_l, at + timing_.ccd_s);
  if (direction == Direction::kRead) {
    raise(b.precharge, at + timing_.rtp);
    raise(write_after_read_, at + timing_.rtw);
  } else {
    raise(b.precharge, end + timing_.wr);
    space_columns(bank, Direction::kRead, end + timing_.wtr_l, end + timing_.wtr_s);
  }
  return end;
}

void Banks::precharge(std::int32_t bank, Clock at) {
  banks_[bank].row = kClosed;
  raise(banks_[bank].activate, at + timing_.rp);
}

void Banks::refresh(std::int32_t rank, Clock at) {
  for (std::int32_t b = first_of(rank); b < first_of(rank + 1); ++b) {
    raise(banks_[b].activate, at + timing_.rfc);
  }
}

void Banks::space_columns(std::int32_t bank, Direction next, Clock same_group, Clock other_group) {
  const Bank& b = banks_[bank];
  for (std::int32_t g = 0; g < groups_per_rank_; ++g) {
    const std::int32_t group = b.rank * groups_per_rank_ + g;
    raise(groups_[group].column[static_cast<int>(next)],
          group == b.group ? same_group : other_group);
  }
}

}  // namespace rdu_hw::dram
