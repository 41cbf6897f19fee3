// Keeps the whole history and asks of every possible command in every clock whether JEDEC's rules allow it.
#include "tests/drivers/emu/dram/ticking.hpp"

#include <algorithm>
#include <map>
#include <optional>
#include <tuple>

namespace dram_test {
namespace {

struct Entry {
  Request request;
  int bank;
  std::int64_t row;
  Clock admitted = 0;
};

struct Candidate {
  int urgency;
  std::int64_t age;
  Command command;
};

class Ticking {
 public:
  Ticking(const Config& config, const std::vector<Request>& requests, int channel)
      : config_(config), channel_(channel) {
    const rdu_hw::dram::AddressMap map(config);
    for (const Request& r : requests) {
      const auto place = map.place(r.address);
      if (place.channel == channel) line(r.direction).push_back({r, place.bank, place.row});
    }
    for (auto& l : line_) {
      std::sort(l.begin(), l.end(), [](const Entry& a, const Entry& b) {
        return std::tie(a.request.time, a.request.requester, a.request.id) <
               std::tie(b.request.time, b.request.requester, b.request.id);
      });
    }
    for (int r = 0; r < config.geometry.ranks; ++r) {
      due_.push_back(config.timing.refi +
                     std::int64_t{r} * config.timing.refi / config.geometry.ranks);
    }
  }

  std::vector<Command> run() {
    for (Clock t = 0;
         !line_[0].empty() || !line_[1].empty() || !queue_[0].empty() || !queue_[1].empty(); ++t) {
      admit(t);
      choose_direction(t);
      if (const auto best = choose(t)) issue(best->command);
    }
    return history_;
  }

 private:
  std::vector<Entry>& line(Direction d) { return line_[d == Direction::kWrite]; }
  std::vector<Entry>& queue(Direction d) { return queue_[d == Direction::kWrite]; }
  int rank_of(int bank) const { return bank / config_.geometry.banks_per_rank(); }
  bool must_refresh(int bank, Clock t) const { return due_[rank_of(bank)] <= t; }

  void admit(Clock t) {
    for (int d = 0; d < 2; ++d) {
      while (!line_[d].empty() && config_.ratio.arrival(line_[d].front().request.time) <= t &&
             static_cast<int>(queue_[d].size()) < config_.policy.queue_depth) {
        queue_[d].push_back(line_[d].front());
        queue_[d].back().admitted = t;
        line_[d].erase(line_[d].begin());
      }
    }
  }

  bool is_old(Direction d, Clock t) {
    return !queue(d).empty() && t - queue(d).front().admitted >= config_.policy.patience;
  }

  void choose_direction(Clock t) {
    const auto& reads = queue(Direction::kRead);
    const auto& writes = queue(Direction::kWrite);
    const auto waiting = static_cast<int>(writes.size());
    const bool first_is_old =
        is_old(direction_, t) && queue(direction_).front().request.id == first_;
    const bool spent = served_ >= config_.policy.quantum && !first_is_old;
    const bool old_write = is_old(Direction::kWrite, t);
    if (direction_ == Direction::kRead) {
      const bool asked = spent && (waiting >= config_.policy.write_high || old_write);
      if (waiting > 0 && (reads.empty() || asked)) turn_to(Direction::kWrite);
    } else if (!reads.empty() && (spent || (waiting <= config_.policy.write_low && !old_write))) {
      turn_to(Direction::kRead);
    }
  }

  void turn_to(Direction d) {
    direction_ = d;
    served_ = 0;
    first_ = queue(d).front().request.id;
  }

  bool allowed(const Command& c) const {
    int activates = 0;
    for (std::size_t i = history_.size(); i-- > 0;) {
      const Command& h = history_[i];
      if (c.clock - h.clock > longest_gap(config_)) break;
      if (c.clock - h.clock < required_gap(config_, h, c) || collide(config_, h, c)) return false;
      const bool both = h.kind == CommandKind::kActivate && c.kind == CommandKind::kActivate;
      if (both && rank_of(h.bank) == rank_of(c.bank) && ++activates == 4 &&
          c.clock - h.clock < config_.timing.faw) {
        return false;
      }
    }
    return true;
  }

  void add_refreshes(Clock t, std::vector<Candidate>& candidates) const {
    for (int r = 0; r < config_.geometry.ranks; ++r) {
      if (due_[r] > t) continue;
      bool open = false;
      for (const auto& [bank, row] : rows_) {
        if (rank_of(bank) != r) continue;
        open = true;
        candidates.push_back({0, bank, {t, channel_, bank, CommandKind::kPrecharge, 0}});
      }
      const int first = r * config_.geometry.banks_per_rank();
      if (!open) candidates.push_back({0, first, {t, channel_, first, CommandKind::kRefresh, 0}});
    }
  }

  Command next_command(const Entry& e, Clock t) const {
    const auto open = rows_.find(e.bank);
    if (open == rows_.end()) return {t, channel_, e.bank, CommandKind::kActivate, e.row};
    if (open->second != e.row) return {t, channel_, e.bank, CommandKind::kPrecharge, 0};
    const bool read = direction_ == Direction::kRead;
    return {t, channel_, e.bank, read ? CommandKind::kRead : CommandKind::kWrite, e.row};
  }

  void add_requests(Clock t, std::vector<Candidate>& candidates) {
    const std::vector<Entry>& entries = queue(direction_);
    std::optional<Command> old;
    if (is_old(direction_, t) && !must_refresh(entries[0].bank, t)) {
      old = next_command(entries[0], t);
      candidates.push_back({1, 0, *old});
    }
    for (std::size_t i = old ? 1 : 0; i < entries.size(); ++i) {
      const Entry& e = entries[i];
      if (must_refresh(e.bank, t) || (old && e.bank == old->bank)) continue;
      const Command c = next_command(e, t);
      if (old && old->kind == c.kind && allowed_by_bank(*old)) continue;
      if (c.kind == CommandKind::kPrecharge && hit_waits(e.bank)) continue;
      const bool column = c.kind == CommandKind::kRead || c.kind == CommandKind::kWrite;
      candidates.push_back({column ? 2 : 3, static_cast<std::int64_t>(i), c});
    }
  }

  bool hit_waits(int bank) {
    const auto& entries = queue(direction_);
    return std::any_of(entries.begin(), entries.end(),
                       [&](const Entry& e) { return e.bank == bank && e.row == rows_[bank]; });
  }

  // As if no other bank of the rank had been used.
  bool allowed_by_bank(const Command& c) const {
    for (std::size_t i = history_.size(); i-- > 0;) {
      const Command& h = history_[i];
      if (c.clock - h.clock > longest_gap(config_)) break;
      const bool refresh = h.kind == CommandKind::kRefresh && rank_of(h.bank) == rank_of(c.bank);
      const Clock gap = refresh && c.kind == CommandKind::kActivate ? config_.timing.rfc
                        : h.bank == c.bank ? bank_gap(config_, h.kind, c.kind)
                                           : 0;
      if (c.clock - h.clock < gap) return false;
    }
    return true;
  }

  std::optional<Candidate> choose(Clock t) {
    std::vector<Candidate> candidates;
    add_refreshes(t, candidates);
    add_requests(t, candidates);
    std::optional<Candidate> best;
    for (const Candidate& c : candidates) {
      const bool better = !best || std::tie(c.urgency, c.age) < std::tie(best->urgency, best->age);
      if (better && allowed(c.command)) best = c;
    }
    return best;
  }

  void issue(const Command& c) {
    history_.push_back(c);
    if (c.kind == CommandKind::kRefresh) {
      due_[rank_of(c.bank)] += config_.timing.refi;
    } else if (c.kind == CommandKind::kActivate) {
      rows_[c.bank] = c.row;
    } else if (c.kind == CommandKind::kPrecharge) {
      rows_.erase(c.bank);
    } else {
      ++served_;
      auto& entries = queue(direction_);
      entries.erase(std::find_if(entries.begin(), entries.end(), [&](const Entry& e) {
        return e.bank == c.bank && e.row == c.row;
      }));
    }
  }

  const Config& config_;
  int channel_;
  std::vector<Entry> line_[2], queue_[2];
  std::vector<Clock> due_;
  std::map<int, std::int64_t> rows_;
  std::vector<Command> history_;
  Direction direction_ = Direction::kRead;
  int served_ = 0;                      // in this turn
  std::optional<std::uint64_t> first_;  // the oldest request when the turn began
};

}  // namespace

std::vector<Command> tick(const Config& config, const std::vector<Request>& requests, int channel) {
  return Ticking(config, requests, channel).run();
}

}  // namespace dram_test
