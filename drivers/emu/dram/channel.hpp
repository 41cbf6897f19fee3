// The controller of one channel: FR-FCFS over a read and a write queue, one command a clock.
#pragma once

#include <array>
#include <limits>
#include <optional>
#include <tuple>
#include <vector>

#include "drivers/emu/dram/banks.hpp"
#include "drivers/emu/dram/queue.hpp"
#include "drivers/emu/dram/request.hpp"
#include "drivers/emu/dram/targets.hpp"
#include "drivers/emu/dram/waiting_line.hpp"

namespace rdu_hw::dram {

inline constexpr Clock kNever = std::numeric_limits<Clock>::max();

// README.md says what happens in each clock. This class takes only the clocks in which something does: a command, or
// a change that could alter which command is next.
class Channel {
 public:
  Channel(const Config& config, std::int32_t index);

  void submit(const Located& request);
  // The clock of the next step, kNever without requests.
  Clock next() const { return next_; }
  // Takes that step; a column command completes a request.
  std::optional<Completion> serve();

  const Statistics& statistics() const { return statistics_; }
  void record(std::vector<Command>* commands) { commands_ = commands; }

 private:
  // A command that could be the next one. The least is: the earliest; at one clock the most urgent, then the oldest.
  struct Plan {
    Clock clock = kNever;
    int urgency = 0;       // 0 refresh, 1 for an old request, 2 column, 3 activate and precharge
    std::int64_t age = 0;  // of the request; for a refresh, the bank
    CommandKind kind = CommandKind::kRefresh;
    std::int32_t bank = 0;
    Queue::Slot slot = Queue::kNone;

    bool operator<(const Plan& o) const {
      return std::tie(clock, urgency, age) < std::tie(o.clock, o.urgency, o.age);
    }
  };
  struct Side {
    WaitingLine line;
    Queue queue;
    Targets targets;
  };

  static Side make_side(const Config& config) {
    const std::int32_t banks = config.geometry.banks_per_channel();
    return {{}, {config.policy.queue_depth, banks}, Targets(banks)};
  }

  Side& side(Direction d) { return sides_[static_cast<int>(d)]; }
  const Side& side(Direction d) const { return sides_[static_cast<int>(d)]; }
  bool idle() const { return sides_[0].queue.size() + sides_[1].queue.size() == 0; }

  Direction choose_turn() const;
  bool is_spent() const;
  Queue::Slot old_of(Direction direction) const;
  Clock next_change() const;
  Plan plan(Direction turn) const;
  Plan plan_refresh(Clock due_by) const;
  Plan plan_refresh_of(std::int32_t rank) const;
  Plan plan_for(Direction turn, Queue::Slot slot, Need need) const;
  Need need_of(Direction turn, Queue::Slot slot) const;
  std::uint64_t banks_to_refresh() const;

  void change(Clock at);
  void begin_turn(Direction turn);
  void update_targets(std::int32_t bank);
  void admit(Clock arrived_by, Clock at);
  void schedule();
  std::optional<Completion> issue(const Plan& plan);
  Completion complete(const Plan& plan, Direction direction);

  Timing timing_;
  Policy policy_;
  ClockRatio ratio_;
  std::int32_t index_;
  Banks banks_;
  std::array<Side, 2> sides_;
  std::vector<Clock> due_;  // each rank's next refresh

  // The turn: its direction, how many requests it has served, the age of the one that was the oldest when it began
  // (none in the very first turn).
  Direction turn_ = Direction::kRead;
  std::int32_t served_ = 0;
  std::int64_t first_age_ = -1;

  Clock now_ = 0;  // the first clock that is not decided yet
  // What happens next if no further request arrives: whose turn it is at now_, the command.
  Direction next_turn_ = Direction::kRead;
  Plan planned_;
  Clock change_ = kNever, next_ = kNever;

  Statistics statistics_;
  std::vector<Command>* commands_ = nullptr;
};

}  // namespace rdu_hw::dram
