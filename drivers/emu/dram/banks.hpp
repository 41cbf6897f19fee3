// The devices of one channel: which rows are open, and how early each command may come.
#pragma once

#include <algorithm>
#include <array>
#include <vector>

#include "drivers/emu/dram/request.hpp"

namespace rdu_hw::dram {

// Each earliest-clock query holds for the present state; each event changes it and must respect it.
class Banks {
 public:
  static constexpr std::int64_t kClosed = -1;

  explicit Banks(const Config& config);

  std::int64_t open_row(std::int32_t bank) const { return banks_[bank].row; }
  std::int32_t rank_of(std::int32_t bank) const { return banks_[bank].rank; }
  std::int32_t first_of(std::int32_t rank) const { return rank * banks_per_rank_; }
  std::uint64_t bits_of(std::int32_t rank) const {
    return ~std::uint64_t{0} >> (64 - banks_per_rank_) << first_of(rank);
  }

  Clock earliest_activate(std::int32_t bank) const {
    const Bank& b = banks_[bank];
    const Rank& r = ranks_[b.rank];
    return std::max({b.activate, groups_[b.group].activate, r.activates[r.oldest] + timing_.faw});
  }
  Clock earliest_column(std::int32_t bank, Direction direction) const {
    const Bank& b = banks_[bank];
    const Clock bus = bus_free_ + (b.rank == bus_rank_ ? 0 : timing_.rtrs) - latency(direction);
    const Clock turned = direction == Direction::kWrite ? write_after_read_ : 0;
    return std::max({b.column, groups_[b.group].column[static_cast<int>(direction)], bus, turned});
  }
  Clock earliest_precharge(std::int32_t bank) const { return banks_[bank].precharge; }
  // From when the bank itself, whatever its neighbours did, would take an activate, column or precharge.
  Clock ready(std::int32_t bank, CommandKind kind) const {
    const Bank& b = banks_[bank];
    if (kind == CommandKind::kActivate) return b.activate;
    return kind == CommandKind::kPrecharge ? b.precharge : b.column;
  }
  // All banks of the rank must be closed.
  Clock earliest_refresh(std::int32_t rank) const;

  void activate(std::int32_t bank, std::int64_t row, Clock at);
  // Returns when the burst ends on the data bus.
  Clock column(std::int32_t bank, Direction direction, Clock at);
  void precharge(std::int32_t bank, Clock at);
  void refresh(std::int32_t rank, Clock at);

 private:
  struct Bank {
    std::int64_t row = kClosed;
    std::int32_t rank, group;  // group of the channel
    Clock activate = 0, column = 0, precharge = 0;
  };
  struct Group {
    Clock activate = 0;
    std::array<Clock, 2> column{};  // by direction
  };
  struct Rank {
    std::array<Clock, 4> activates;  // the latest four, oldest at `oldest`
    unsigned oldest = 0;
  };

  Clock latency(Direction d) const { return d == Direction::kRead ? timing_.cl : timing_.cwl; }
  void space_columns(std::int32_t bank, Direction next, Clock same_group, Clock other_group);

  Timing timing_;
  std::int32_t groups_per_rank_, banks_per_rank_;
  std::vector<Bank> banks_;
  std::vector<Group> groups_;
  std::vector<Rank> ranks_;
  Clock write_after_read_ = 0;  // of the whole channel
  Clock bus_free_ = 0;
  std::int32_t bus_rank_ = 0;  // whose burst was the last one on the bus
};

}  // namespace rdu_hw::dram
