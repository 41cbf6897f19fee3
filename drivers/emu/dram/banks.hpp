// The devices of one channel: which rows are open, and how early each command may come.
#pragma once

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
  std::int32_t per_rank() const { return banks_per_rank_; }

  Clock earliest_activate(std::int32_t bank) const;
  Clock earliest_column(std::int32_t bank, Direction direction) const;
  Clock earliest_precharge(std::int32_t bank) const { return banks_[bank].precharge; }
  // From when the bank itself, whatever its neighbours did, would take an activate, column or precharge.
  Clock ready(std::int32_t bank, CommandKind kind) const;
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
