// Looks at every pair of commands that are near enough to matter, and at the state of every bank.
#include "tests/drivers/emu/dram/jedec.hpp"

#include <algorithm>
#include <cstdlib>
#include <deque>
#include <map>

namespace dram_test {
namespace {

struct Coordinates {
  int rank, group;
};

Coordinates coordinates(const Config& config, int bank) {
  const int group = bank / config.geometry.banks;
  return {group / config.geometry.groups, group};
}

bool is_column(const Command& c) {
  return c.kind == CommandKind::kRead || c.kind == CommandKind::kWrite;
}

Clock data_start(const Config& config, const Command& c) {
  return c.clock + (c.kind == CommandKind::kRead ? config.timing.cl : config.timing.cwl);
}

// Rules between commands to one rank.
Clock rank_gap(const Config& config, CommandKind a, CommandKind b, bool same_group) {
  const auto& t = config.timing;
  if (a == CommandKind::kActivate && b == CommandKind::kActivate) {
    return same_group ? t.rrd_l : t.rrd_s;
  }
  if (a == b && (a == CommandKind::kRead || a == CommandKind::kWrite)) {
    return same_group ? t.ccd_l : t.ccd_s;
  }
  if (a == CommandKind::kWrite && b == CommandKind::kRead) {
    return t.cwl + t.burst_length / 2 + (same_group ? t.wtr_l : t.wtr_s);
  }
  if (a == CommandKind::kRefresh && (b == CommandKind::kActivate || b == CommandKind::kRefresh)) {
    return t.rfc;
  }
  if (a == CommandKind::kPrecharge && b == CommandKind::kRefresh) return t.rp;
  if (a == CommandKind::kActivate && b == CommandKind::kRefresh) return t.rc;
  return 0;
}

// Follows the rows of one channel's banks.
class Rows {
 public:
  explicit Rows(const Config& config) : config_(config) {}

  std::string take(const Command& c) {
    const bool open = rows_.count(c.bank) != 0;
    switch (c.kind) {
      case CommandKind::kActivate:
        if (open) return "activates an open bank";
        rows_[c.bank] = c.row;
        return {};
      case CommandKind::kPrecharge:
        if (!open) return "closes a closed bank";
        rows_.erase(c.bank);
        return {};
      case CommandKind::kRefresh:
        for (const auto& [bank, row] : rows_) {
          if (coordinates(config_, bank).rank == coordinates(config_, c.bank).rank) {
            return "refreshes a rank with an open bank";
          }
        }
        return {};
      default:
        return open && rows_[c.bank] == c.row ? "" : "finds another row, or none";
    }
  }

 private:
  const Config& config_;
  std::map<int, std::int64_t> rows_;
};

// No refresh early, none late, none left out.
class Refreshes {
 public:
  explicit Refreshes(const Config& config) : config_(config), count_(config.geometry.ranks) {}

  std::string take(const Command& c) {
    const auto& t = config_.timing;
    for (int r = 0; r < config_.geometry.ranks; ++r) {
      const Clock due = t.refi * (count_[r] + 1) + Clock{r} * t.refi / config_.geometry.ranks;
      const bool now = c.kind == CommandKind::kRefresh && coordinates(config_, c.bank).rank == r;
      if (now && c.clock < due) return "comes before it is due";
      const Clock close = std::max<Clock>(t.ras, t.cwl + t.burst_length / 2 + t.wr);
      const Clock late = due + close + config_.geometry.banks_per_channel() + std::max(t.rp, t.rc);
      if (c.clock > late) return "comes while rank " + std::to_string(r) + " waits for a refresh";
      count_[r] += now;
    }
    return {};
  }

 private:
  const Config& config_;
  std::vector<std::int64_t> count_;
};

// The fifth activate of a rank may come tFAW after the first.
class FourActivates {
 public:
  explicit FourActivates(const Config& config) : config_(config) {}

  std::string take(const Command& c) {
    if (c.kind != CommandKind::kActivate) return {};
    std::deque<Clock>& last = last_[coordinates(config_, c.bank).rank];
    const bool early = last.size() == 4 && c.clock - last.front() < config_.timing.faw;
    if (last.size() == 4) last.pop_front();
    last.push_back(c.clock);
    return early ? "is the fifth activate within tFAW" : "";
  }

 private:
  const Config& config_;
  std::map<int, std::deque<Clock>> last_;
};

std::string find_near_violation(const Config& config, const std::vector<Command>& trace,
                                std::size_t at) {
  const Command& c = trace[at];
  for (std::size_t i = at; i-- > 0 && c.clock - trace[i].clock <= longest_gap(config);) {
    if (c.clock <= trace[i].clock) return "shares its clock with " + text(trace[i]);
    if (c.clock - trace[i].clock < required_gap(config, trace[i], c)) {
      return "comes too early after " + text(trace[i]);
    }
    if (collide(config, trace[i], c)) return "meets the data of " + text(trace[i]);
  }
  return {};
}

std::string find_violation_of_channel(const Config& config, const std::vector<Command>& trace) {
  Rows rows(config);
  Refreshes refreshes(config);
  FourActivates activates(config);
  for (std::size_t i = 0; i < trace.size(); ++i) {
    for (const std::string& fault : {find_near_violation(config, trace, i), rows.take(trace[i]),
                                     refreshes.take(trace[i]), activates.take(trace[i])}) {
      if (!fault.empty()) return text(trace[i]) + " " + fault;
    }
  }
  return {};
}

}  // namespace

std::string text(const Command& c) {
  static const char* const kNames[] = {"ACT", "RD", "WR", "PRE", "REF"};
  return std::string(kNames[static_cast<int>(c.kind)]) + "@" + std::to_string(c.clock) +
         " channel " + std::to_string(c.channel) + " bank " + std::to_string(c.bank) + " row " +
         std::to_string(c.row);
}

Clock bank_gap(const Config& config, CommandKind a, CommandKind b) {
  const auto& t = config.timing;
  const bool column = b == CommandKind::kRead || b == CommandKind::kWrite;
  if (a == CommandKind::kActivate && column) return t.rcd;
  if (a == CommandKind::kActivate && b == CommandKind::kPrecharge) return t.ras;
  if (a == CommandKind::kActivate && b == CommandKind::kActivate) return t.rc;
  if (a == CommandKind::kRead && b == CommandKind::kPrecharge) return t.rtp;
  if (a == CommandKind::kWrite && b == CommandKind::kPrecharge) {
    return t.cwl + t.burst_length / 2 + t.wr;
  }
  if (a == CommandKind::kPrecharge && b == CommandKind::kActivate) return t.rp;
  return 0;
}

Clock required_gap(const Config& config, const Command& a, const Command& b) {
  const Coordinates x = coordinates(config, a.bank), y = coordinates(config, b.bank);
  Clock gap = 1;
  if (a.bank == b.bank) gap = std::max(gap, bank_gap(config, a.kind, b.kind));
  if (x.rank == y.rank) gap = std::max(gap, rank_gap(config, a.kind, b.kind, x.group == y.group));
  if (a.kind == CommandKind::kRead && b.kind == CommandKind::kWrite) {
    gap = std::max<Clock>(gap, config.timing.rtw);
  }
  return gap;
}

Clock longest_gap(const Config& config) {
  const auto& t = config.timing;
  return std::max<Clock>({t.rfc, t.rc, t.cwl + t.burst_length / 2 + std::max(t.wr, t.wtr_l), t.rtw,
                          t.cl + t.burst_length / 2 + t.rtrs});
}

bool collide(const Config& config, const Command& a, const Command& b) {
  if (!is_column(a) || !is_column(b)) return false;
  const bool one_rank = coordinates(config, a.bank).rank == coordinates(config, b.bank).rank;
  const Clock need = config.timing.burst_length / 2 + (one_rank ? 0 : config.timing.rtrs);
  const Clock apart = data_start(config, b) - data_start(config, a);
  return std::abs(apart) < need;
}

std::string find_violation(const Config& config, const std::vector<Command>& trace) {
  std::vector<std::vector<Command>> channels(config.geometry.channels);
  for (const Command& c : trace) channels[c.channel].push_back(c);
  for (const auto& channel : channels) {
    if (std::string fault = find_violation_of_channel(config, channel); !fault.empty()) {
      return fault;
    }
  }
  return {};
}

}  // namespace dram_test
