// First places: what stays where others stay, what must keep away from others next, and then one after another.
#include "tools/rducc/target/rdu/seating.hpp"

#include <algorithm>

namespace rducc::rdu {

using base::Code;
using base::Result;

Point point_of(std::uint32_t type, const Site& site, const rdu_hw_arch& arch) {
  std::uint32_t row = 0;
  std::uint32_t column = 0;
  if (type != RDU_HW_UNIT_AGCU) {
    return {static_cast<std::int32_t>(2 * site.row + 1),
            static_cast<std::int32_t>(2 * site.column + 1)};
  }
  rdu_hw_arch_agcu_switch(&arch, site.row, &row, &column);
  return {static_cast<std::int32_t>(2 * row), static_cast<std::int32_t>(2 * column)};
}

Seating::Seating(const std::vector<std::uint32_t>& types, const Pins& pins, const rdu_hw_arch& arch)
    : types_(types), pins_(pins), arch_(arch), columns_(rdu_hw_arch_mesh_columns(&arch)) {
  make_boards();
  note_rooms();
}

void Seating::make_boards() {
  number_.assign(rdu_hw_arch_num_units(&arch_), kNobody);
  for (std::uint32_t row = 0; row < rdu_hw_arch_mesh_rows(&arch_); ++row) {
    for (std::uint32_t column = 0; column < columns_; ++column) {
      const bool is_pcu = rdu_hw_arch_is_pcu(row, column) != 0;
      std::vector<Site>& sites = boards_[is_pcu ? RDU_HW_UNIT_PCU : RDU_HW_UNIT_PMU].sites;
      number_[row * columns_ + column] = static_cast<std::uint32_t>(sites.size());
      sites.push_back({row, column});
    }
  }
  for (std::uint32_t i = 0; i < arch_.agcu.count; ++i) {
    boards_[RDU_HW_UNIT_AGCU].sites.push_back({i, 0});
  }
  for (std::uint32_t type = 0; type < boards_.size(); ++type) {
    Board& board = boards_[type];
    board.tenants.assign(board.sites.size(), kNobody);
    for (const Site& site : board.sites) board.points.push_back(point_of(type, site, arch_));
  }
}

void Seating::note_rooms() {
  stays_ = pins_.stays;
  stays_.resize(types_.size(), 0);
  const std::size_t count = boards_[RDU_HW_UNIT_PMU].sites.size();
  closed_.assign(count, false);
  rooms_.assign(count, arch_.pmu.bytes);
  avoided_.resize(types_.size());
  for (const Site& site : pins_.closed) closed_[number_of(site)] = true;
  for (const Pins::Room& room : pins_.rooms) rooms_[number_of(room.site)] = room.bytes;
  for (const auto& site : pins_.units) {
    if (!site || rdu_hw_arch_is_pcu(site->row, site->column) != 0) continue;
    closed_[number_of(*site)] = true;
    rooms_[number_of(*site)] = 0;
  }
  for (std::size_t unit = 0; unit < pins_.avoided.size(); ++unit) {
    if (pins_.avoided[unit].empty()) continue;
    avoided_[unit].assign(count, false);
    for (const Site& site : pins_.avoided[unit]) avoided_[unit][number_of(site)] = true;
  }
}

Result<void> Seating::begin() {
  const std::size_t count = types_.size();
  sites_.resize(count);
  seats_.assign(count, kNobody);
  points_.resize(count);
  RDU_TRY(seat_what_stays());
  RDU_TRY(seat_what_avoids());
  // Units in their order over the sites in theirs: what was written together begins together.
  std::array<std::uint32_t, 3> next = {};
  for (std::uint32_t unit = 0; unit < count; ++unit) {
    if (pins_.units[unit]) {
      sites_[unit] = *pins_.units[unit];
      points_[unit] = point_of(types_[unit], sites_[unit], arch_);
    } else if (seats_[unit] == kNobody) {
      RDU_TRY(seat_next(unit, next[types_[unit]]));
      next[types_[unit]] = seats_[unit] + 1;
    }
  }
  std::sort(movable_.begin(), movable_.end());
  return {};
}

// The largest of what stays first, where most is left; sites that nobody has been on are the last choice.
Result<void> Seating::seat_what_stays() {
  std::vector<std::uint32_t> units, sites;
  for (std::uint32_t unit = 0; unit < stays_.size(); ++unit) {
    if (stays_[unit] != 0 && !pins_.units[unit]) units.push_back(unit);
  }
  if (units.empty()) return {};
  for (std::uint32_t site = 0; site < rooms_.size(); ++site) sites.push_back(site);
  std::stable_sort(units.begin(), units.end(),
                   [&](auto a, auto b) { return stays_[a] > stays_[b]; });
  std::stable_sort(sites.begin(), sites.end(), [&](auto a, auto b) {
    return closed_[a] != closed_[b] ? closed_[a] : rooms_[a] > rooms_[b];
  });
  const Board& board = boards_[RDU_HW_UNIT_PMU];
  for (const std::uint32_t unit : units) {
    const auto site = std::find_if(sites.begin(), sites.end(), [&](auto it) {
      return board.tenants[it] == kNobody && may_sit(unit, it);
    });
    if (site == sites.end()) {
      return base::fail(Code::kLimit, "no PMU has %llu bytes left for what stays",
                        static_cast<unsigned long long>(stays_[unit]));
    }
    put(unit, *site);
  }
  return {};
}

Result<void> Seating::seat_what_avoids() {
  for (std::uint32_t unit = 0; unit < types_.size(); ++unit) {
    if (!avoided_[unit].empty() && !pins_.units[unit]) RDU_TRY(seat_next(unit, 0));
  }
  return {};
}

// On the next site from there on that is free.
Result<void> Seating::seat_next(std::uint32_t unit, std::uint32_t from) {
  const Board& board = boards_[types_[unit]];
  std::uint32_t next = from;
  while (next < board.sites.size() && (board.tenants[next] != kNobody || !may_sit(unit, next))) {
    ++next;
  }
  if (next == board.sites.size()) {
    return base::fail(Code::kLimit, "what stays in PMUs leaves too few of them");
  }
  put(unit, next);
  return {};
}

void Seating::put(std::uint32_t unit, std::uint32_t site) {
  Board& board = boards_[types_[unit]];
  const bool is_new = seats_[unit] == kNobody;
  board.tenants[site] = unit;
  seats_[unit] = site;
  sites_[unit] = board.sites[site];
  points_[unit] = board.points[site];
  if (is_new) movable_.push_back(unit);
}

void Seating::exchange(std::uint32_t unit, std::uint32_t to) {
  Board& board = boards_[types_[unit]];
  const std::uint32_t from = seats_[unit], other = board.tenants[to];
  board.tenants[from] = kNobody;
  put(unit, to);
  if (other != kNobody) put(other, from);
}

}  // namespace rducc::rdu
