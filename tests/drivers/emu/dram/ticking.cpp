// Keeps the whole history and asks of every possible command in every clock whether JEDEC's rules allow it.
#include "tests/drivers/emu/dram/ticking.hpp"

#include <algorithm>
#include <tuple>

namespace dram_test {

TickingChannel::TickingChannel(const Config& config, int channel)
    : config_(config), channel_(channel) {
  for (int r = 0; r < config.geometry.ranks; ++r) {
    due_.push_back(config.timing.refi +
                   std::int64_t{r} * config.timing.refi / config.geometry.ranks);
  }
}

void TickingChannel::submit(const Request& request, int bank, std::int64_t row) {
  auto& line = line_[request.direction == Direction::kWrite];
  const auto before = [](const Entry& a, const Entry& b) {
    return std::tie(a.request.time, a.request.requester, a.request.id) <
           std::tie(b.request.time, b.request.requester, b.request.id);
  };
  const Entry entry = {request, bank, row};
  line.insert(std::upper_bound(line.begin(), line.end(), entry, before), entry);
}

std::optional<Request> TickingChannel::tick(Clock t) {
  admit(t);
  choose_direction(t);
  const auto best = choose(t);
  return best ? issue(best->command) : std::nullopt;
}

bool TickingChannel::idle() const {
  return line_[0].empty() && line_[1].empty() && queue_[0].empty() && queue_[1].empty();
}

void TickingChannel::admit(Clock t) {
  for (int d = 0; d < 2; ++d) {
    while (!line_[d].empty() && config_.ratio.arrival(line_[d].front().request.time) <= t &&
           static_cast<int>(queue_[d].size()) < config_.policy.queue_depth) {
      queue_[d].push_back(line_[d].front());
      queue_[d].back().admitted = t;
      queue_[d].back().number = admitted_++;
      line_[d].erase(line_[d].begin());
    }
  }
}

bool TickingChannel::is_old(Direction d, Clock t) {
  return !queue(d).empty() && t - queue(d).front().admitted >= config_.policy.patience;
}

void TickingChannel::choose_direction(Clock t) {
  const auto& reads = queue(Direction::kRead);
  const auto& writes = queue(Direction::kWrite);
  const auto waiting = static_cast<int>(writes.size());
  const bool first_is_old = is_old(direction_, t) && queue(direction_).front().number == first_;
  const bool spent = served_ >= config_.policy.quantum && !first_is_old;
  const bool old_write = is_old(Direction::kWrite, t);
  if (direction_ == Direction::kRead) {
    const bool asked = spent && (waiting >= config_.policy.write_high || old_write);
    if (waiting > 0 && (reads.empty() || asked)) turn_to(Direction::kWrite);
  } else if (!reads.empty() && (spent || (waiting <= config_.policy.write_low && !old_write))) {
    turn_to(Direction::kRead);
  }
}

void TickingChannel::turn_to(Direction d) {
  direction_ = d;
  served_ = 0;
  first_ = queue(d).front().number;
}

bool TickingChannel::allowed(const Command& c) const {
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

void TickingChannel::add_refreshes(Clock t, std::vector<Candidate>& candidates) const {
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

Command TickingChannel::next_command(const Entry& e, Clock t) const {
  const auto open = rows_.find(e.bank);
  if (open == rows_.end()) return {t, channel_, e.bank, CommandKind::kActivate, e.row};
  if (open->second != e.row) return {t, channel_, e.bank, CommandKind::kPrecharge, 0};
  const bool read = direction_ == Direction::kRead;
  return {t, channel_, e.bank, read ? CommandKind::kRead : CommandKind::kWrite, e.row};
}

void TickingChannel::add_requests(Clock t, std::vector<Candidate>& candidates) {
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

bool TickingChannel::hit_waits(int bank) {
  const auto& entries = queue(direction_);
  return std::any_of(entries.begin(), entries.end(),
                     [&](const Entry& e) { return e.bank == bank && e.row == rows_[bank]; });
}

// As if no other bank of the rank had been used.
bool TickingChannel::allowed_by_bank(const Command& c) const {
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

std::optional<TickingChannel::Candidate> TickingChannel::choose(Clock t) {
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

std::optional<Request> TickingChannel::issue(const Command& c) {
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
    const auto served = std::find_if(entries.begin(), entries.end(), [&](const Entry& e) {
      return e.bank == c.bank && e.row == c.row;
    });
    const Request request = served->request;
    entries.erase(served);
    return request;
  }
  return std::nullopt;
}

std::vector<Command> tick(const Config& config, const std::vector<Request>& requests, int channel) {
  const rdu_hw::dram::AddressMap map(config);
  TickingChannel ticking(config, channel);
  for (const Request& r : requests) {
    const auto place = map.place(r.address);
    if (place.channel == channel) ticking.submit(r, place.bank, place.row);
  }
  for (Clock t = 0; !ticking.idle(); ++t) ticking.tick(t);
  return ticking.history();
}

}  // namespace dram_test
