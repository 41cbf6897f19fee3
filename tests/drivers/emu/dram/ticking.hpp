// The manual's rules once more, as plainly as possible: every clock of one channel is looked at.
#pragma once

#include <map>
#include <optional>
#include <vector>

#include "tests/drivers/emu/dram/drive.hpp"

namespace dram_test {

// One channel that is told requests and clocks. It keeps its history and asks of every possible command in every clock
// whether JEDEC's rules allow it.
class TickingChannel {
 public:
  TickingChannel(const Config& config, int channel);

  // At any time before the clock in which it arrives.
  void submit(const Request& request, int bank, std::int64_t row);
  // Clocks come in order, each once. The request whose column command this clock issues.
  std::optional<Request> tick(Clock t);
  bool idle() const;  // nothing waits; refreshes go on

  const std::vector<Command>& history() const { return history_; }

 private:
  struct Entry {
    Request request;
    int bank;
    std::int64_t row;
    Clock admitted = 0;
    std::uint64_t number = 0;  // of admissions
  };
  struct Candidate {
    int urgency;
    std::int64_t age;
    Command command;
  };

  std::vector<Entry>& queue(Direction d) { return queue_[d == Direction::kWrite]; }
  int rank_of(int bank) const { return bank / config_.geometry.banks_per_rank(); }
  bool must_refresh(int bank, Clock t) const { return due_[rank_of(bank)] <= t; }

  void admit(Clock t);
  bool is_old(Direction d, Clock t);
  void choose_direction(Clock t);
  void turn_to(Direction d);
  std::optional<Candidate> choose(Clock t);
  void add_refreshes(Clock t, std::vector<Candidate>& candidates) const;
  void add_requests(Clock t, std::vector<Candidate>& candidates);
  Command next_command(const Entry& entry, Clock t) const;
  bool hit_waits(int bank);
  bool allowed(const Command& command) const;
  bool allowed_by_bank(const Command& command) const;
  std::optional<Request> issue(const Command& command);

  Config config_;
  int channel_;
  std::vector<Entry> line_[2], queue_[2];  // reads, writes
  std::vector<Clock> due_;
  std::map<int, std::int64_t> rows_;
  std::vector<Command> history_;
  Direction direction_ = Direction::kRead;
  int served_ = 0;  // in this turn
  std::uint64_t admitted_ = 0;
  std::optional<std::uint64_t> first_;  // the oldest request when the turn began
};

// The commands of one channel for requests that are all known beforehand.
std::vector<Command> tick(const Config& config, const std::vector<Request>& requests, int channel);

}  // namespace dram_test
