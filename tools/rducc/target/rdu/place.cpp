// Simulated annealing in integers: swap two sites, keep what is shorter, and what is longer with a chance that falls.
#include "tools/rducc/target/rdu/place.hpp"

#include <algorithm>
#include <bit>

#include "tools/rducc/target/rdu/mesh.hpp"
#include "tools/rducc/target/rdu/random.hpp"
#include "tools/rducc/target/rdu/rates.hpp"

namespace rducc::rdu {
namespace {

constexpr std::uint32_t kNobody = RDU_HW_NONE;
constexpr std::uint64_t kHeaviest = 4096;
constexpr std::uint64_t kMovesPerUnit = 80;  // in a round
constexpr std::uint32_t kBeside = 2;

// In half hops: a PCU or PMU lies in the middle of its four switches.
struct Point {
  std::int32_t row;
  std::int32_t column;
};

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

std::uint64_t box_cost(const Netlist::Wire& wire, const std::vector<Point>& points) {
  Point low = points[wire.units.front()];
  Point high = low;
  for (const std::uint32_t unit : wire.units) {
    const Point& at = points[unit];
    low = {std::min(low.row, at.row), std::min(low.column, at.column)};
    high = {std::max(high.row, at.row), std::max(high.column, at.column)};
  }
  return wire.weight * static_cast<std::uint64_t>(high.row - low.row + high.column - low.column);
}

// All sites of one type, and who sits there.
struct Board {
  std::vector<Site> sites;
  std::vector<Point> points;  // of the sites
  std::vector<std::uint32_t> tenants;
};

class Annealer {
 public:
  Annealer(const Netlist& netlist, const rdu_hw_arch& arch, std::uint64_t seed)
      : netlist_(netlist), arch_(arch), random_(seed), wires_of_(netlist.types.size()) {
    for (std::uint32_t i = 0; i < netlist.wires.size(); ++i) {
      for (const std::uint32_t unit : netlist.wires[i].units) wires_of_[unit].push_back(i);
    }
  }

  base::Result<std::vector<Site>> run(const Pins& pins, std::uint32_t effort) {
    make_boards();
    note_rooms(pins);
    RDU_TRY(begin(pins.units));
    if (!movable_.empty()) anneal(effort);
    return std::move(sites_);
  }

 private:
  void make_boards() {
    number_.assign(rdu_hw_arch_num_units(&arch_), kNobody);
    for (std::uint32_t row = 0; row < rdu_hw_arch_mesh_rows(&arch_); ++row) {
      for (std::uint32_t column = 0; column < rdu_hw_arch_mesh_columns(&arch_); ++column) {
        const bool is_pcu = rdu_hw_arch_is_pcu(row, column) != 0;
        const Site site = {row, column};
        std::vector<Site>& sites = boards_[is_pcu ? RDU_HW_UNIT_PCU : RDU_HW_UNIT_PMU].sites;
        number_[row * rdu_hw_arch_mesh_columns(&arch_) + column] =
            static_cast<std::uint32_t>(sites.size());
        sites.push_back(site);
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

  std::uint32_t number_of(const Site& site) const {
    return number_[site.row * rdu_hw_arch_mesh_columns(&arch_) + site.column];
  }

  void note_rooms(const Pins& pins) {
    stays_ = pins.stays;
    stays_.resize(netlist_.types.size(), 0);
    const std::size_t count = boards_[RDU_HW_UNIT_PMU].sites.size();
    closed_.assign(count, false);
    rooms_.assign(count, arch_.pmu.bytes);
    for (const Site& site : pins.closed) closed_[number_of(site)] = true;
    for (const Pins::Room& room : pins.rooms) rooms_[number_of(room.site)] = room.bytes;
    for (const auto& site : pins.units) {
      if (!site || rdu_hw_arch_is_pcu(site->row, site->column) != 0) continue;
      closed_[number_of(*site)] = true;
      rooms_[number_of(*site)] = 0;
    }
  }

  // Whether the unit may be at this site of its board.
  bool may_sit(std::uint32_t unit, std::uint32_t site) const {
    if (netlist_.types[unit] != RDU_HW_UNIT_PMU) return true;
    return stays_[unit] == 0 ? !closed_[site] : stays_[unit] <= rooms_[site];
  }

  // What found a place among others that stay is content with such places.
  bool may_move(std::uint32_t unit, std::uint32_t from, std::uint32_t to) const {
    const bool opens = stays_[unit] != 0 && closed_[from] && !closed_[to];
    return may_sit(unit, to) && !opens;
  }

  // The largest of what stays first, where most is left; sites that nobody has been on are the last choice.
  base::Result<void> seat_what_stays(const std::vector<std::optional<Site>>& pinned) {
    std::vector<std::uint32_t> units, sites;
    for (std::uint32_t unit = 0; unit < stays_.size(); ++unit) {
      if (stays_[unit] != 0 && !pinned[unit]) units.push_back(unit);
    }
    if (units.empty()) return {};
    for (std::uint32_t site = 0; site < rooms_.size(); ++site) sites.push_back(site);
    std::stable_sort(units.begin(), units.end(),
                     [&](auto a, auto b) { return stays_[a] > stays_[b]; });
    std::stable_sort(sites.begin(), sites.end(), [&](auto a, auto b) {
      return closed_[a] != closed_[b] ? closed_[a] : rooms_[a] > rooms_[b];
    });
    std::vector<bool> taken(sites.size(), false);
    for (const std::uint32_t unit : units) {
      const auto site = std::find_if(sites.begin(), sites.end(),
                                     [&](auto it) { return !taken[it] && may_sit(unit, it); });
      if (site == sites.end()) {
        return base::fail(base::Code::kLimit, "no PMU has %llu bytes left for what stays",
                          static_cast<unsigned long long>(stays_[unit]));
      }
      taken[*site] = true;
      seat(unit, *site);
      movable_.push_back(unit);
    }
    return {};
  }

  // Units in their order over the sites in theirs: what was written together begins together.
  base::Result<void> begin(const std::vector<std::optional<Site>>& pinned) {
    const std::size_t count = netlist_.types.size();
    sites_.resize(count);
    seat_.assign(count, kNobody);
    points_.resize(count);
    RDU_TRY(seat_what_stays(pinned));
    std::array<std::uint32_t, 3> next = {};
    for (std::uint32_t unit = 0; unit < count; ++unit) {
      if (pinned[unit]) {
        sites_[unit] = *pinned[unit];
        points_[unit] = point_of(netlist_.types[unit], sites_[unit], arch_);
      } else if (stays_[unit] == 0) {
        RDU_TRY(seat_next(unit, next[netlist_.types[unit]]));
        movable_.push_back(unit);
      }
    }
    std::sort(movable_.begin(), movable_.end());
    costs_.resize(netlist_.wires.size());
    for (std::size_t i = 0; i < costs_.size(); ++i) {
      costs_[i] = box_cost(netlist_.wires[i], points_);
    }
    stamp_.assign(costs_.size(), 0);
    return {};
  }

  // On the next site from `next` on that is free.
  base::Result<void> seat_next(std::uint32_t unit, std::uint32_t& next) {
    const Board& board = boards_[netlist_.types[unit]];
    while (next < board.sites.size() && (board.tenants[next] != kNobody || !may_sit(unit, next))) {
      ++next;
    }
    if (next == board.sites.size()) {
      return base::fail(base::Code::kLimit, "what stays in PMUs leaves too few of them");
    }
    seat(unit, next++);
    return {};
  }

  void seat(std::uint32_t unit, std::uint32_t number) {
    Board& board = boards_[netlist_.types[unit]];
    board.tenants[number] = unit;
    seat_[unit] = number;
    sites_[unit] = board.sites[number];
    points_[unit] = board.points[number];
  }

  // Quickly down to where half of the moves are taken, slowly through the range where the placement takes shape, and quickly to the end.
  void anneal(std::uint32_t effort) {
    const std::uint64_t count = movable_.size();
    const std::uint64_t moves = std::max<std::uint64_t>(count * kMovesPerUnit * effort / 100, 100);
    const std::uint32_t widest =
        std::max(rdu_hw_arch_mesh_rows(&arch_), rdu_hw_arch_mesh_columns(&arch_));
    std::uint64_t fine_range = std::uint64_t{widest} << 16;
    // A few units find their places in fewer rounds.
    const std::uint64_t slow = count < 64 ? 88 : 97;
    temperature_ = 4 * typical_change();
    std::uint64_t before = total();
    for (std::uint32_t still = 0; temperature_ > 0 && still < 3;) {
      range_ = static_cast<std::uint32_t>(fine_range >> 16);
      std::uint64_t taken = 0;
      for (std::uint64_t i = 0; i < moves; ++i) taken += try_move() ? 1 : 0;
      const std::uint64_t percent = 100 * taken / moves;
      temperature_ = temperature_ * (percent > 50 ? 80 : percent > 10 ? slow : 85) / 100;
      // The range in which partners are sought follows the share of moves that are taken, towards 20 of 100.
      fine_range = std::clamp(fine_range * (80 + percent) / 100, std::uint64_t{1} << 16,
                              std::uint64_t{widest} << 16);
      const std::uint64_t now = total();
      still = percent < 10 && now == before ? still + 1 : 0;
      before = now;
    }
    temperature_ = 0;
    range_ = widest;
    for (std::uint64_t i = 0; i < 2 * moves; ++i) try_move();
  }

  std::uint64_t total() const {
    std::uint64_t sum = 0;
    for (const std::uint64_t cost : costs_) sum += cost;
    return sum;
  }
  // What a wire costs on average: a move changes about that.
  std::uint64_t typical_change() const { return costs_.empty() ? 0 : 1 + total() / costs_.size(); }

  // A unit goes to another site of its type; who sits there comes here.
  bool try_move() {
    const std::uint32_t unit = movable_[random_.below(static_cast<std::uint32_t>(movable_.size()))];
    Board& board = boards_[netlist_.types[unit]];
    const std::uint32_t from = seat_[unit];
    const std::uint32_t to = pick(unit);
    if (to == from) return false;
    const std::uint32_t other = board.tenants[to];
    if (!may_move(unit, from, to) || (other != kNobody && !may_move(other, to, from))) return false;
    exchange(board, unit, from, other, to);
    if (accept(unit, other)) return true;
    exchange(board, unit, to, other, from);
    return false;
  }

  void exchange(Board& board, std::uint32_t unit, std::uint32_t from, std::uint32_t other,
                std::uint32_t to) {
    board.tenants[from] = kNobody;
    seat(unit, to);
    if (other != kNobody) seat(other, from);
  }

  // A site of the unit's type, the same one where the pick is none: beside a unit that it talks to, or anywhere within the range.
  std::uint32_t pick(std::uint32_t unit) {
    const std::uint32_t type = netlist_.types[unit];
    const Site& here = sites_[unit];
    if (type == RDU_HW_UNIT_AGCU) return near(here.row, arch_.agcu.count, range_);
    const std::uint32_t rows = rdu_hw_arch_mesh_rows(&arch_);
    const std::uint32_t columns = rdu_hw_arch_mesh_columns(&arch_);
    Site around = here;
    std::uint32_t range = range_;
    if (!wires_of_[unit].empty() && random_.below(2) == 0) {
      around = partner_of(unit);
      range = kBeside;
    }
    const std::uint32_t row = near(around.row, rows, range);
    std::uint32_t column = near(around.column, columns, range);
    // Beside the other type's places are this one's.
    if ((row + column + here.row + here.column) % 2 != 0) column = column == 0 ? 1 : column - 1;
    if (column >= columns) return seat_[unit];
    const std::uint32_t number = number_[row * columns + column];
    return number == kNobody ? seat_[unit] : number;
  }
  std::uint32_t near(std::uint32_t at, std::uint32_t count, std::uint32_t range) {
    const std::uint32_t low = at - std::min(at, range);
    const std::uint32_t high = std::min(count - 1, at + range);
    return low + random_.below(high - low + 1);
  }
  // The place in the mesh of a unit at the other end of one of the unit's wires.
  Site partner_of(std::uint32_t unit) {
    const auto& wires = wires_of_[unit];
    const auto& ends =
        netlist_.wires[wires[random_.below(static_cast<std::uint32_t>(wires.size()))]].units;
    const std::uint32_t other = ends[random_.below(static_cast<std::uint32_t>(ends.size()))];
    const Point& at = points_[other];
    return {
        std::min(static_cast<std::uint32_t>(at.row) / 2, rdu_hw_arch_mesh_rows(&arch_) - 1),
        std::min(static_cast<std::uint32_t>(at.column) / 2, rdu_hw_arch_mesh_columns(&arch_) - 1)};
  }

  // Keeps the costs of the wires up to date when the move stays.
  bool accept(std::uint32_t unit, std::uint32_t other) {
    changed_.clear();
    ++mark_;
    std::int64_t change = 0;
    for (const std::uint32_t moved : {unit, other}) {
      if (moved == kNobody) continue;
      for (const std::uint32_t wire : wires_of_[moved]) {
        if (stamp_[wire] == mark_) continue;
        stamp_[wire] = mark_;
        const std::uint64_t cost = box_cost(netlist_.wires[wire], points_);
        change += static_cast<std::int64_t>(cost) - static_cast<std::int64_t>(costs_[wire]);
        changed_.push_back({wire, cost});
      }
    }
    if (!affordable(change)) return false;
    for (const Changed& it : changed_) costs_[it.wire] = it.cost;
    return true;
  }

  bool affordable(std::int64_t change) {
    if (change <= 0) return true;
    if (temperature_ == 0) return false;
    const auto limit = static_cast<unsigned __int128>(temperature_) * random_.exponential();
    return static_cast<unsigned __int128>(change) << 16 < limit;
  }

  struct Changed {
    std::uint32_t wire;
    std::uint64_t cost;
  };

  const Netlist& netlist_;
  const rdu_hw_arch& arch_;
  Random random_;
  std::vector<std::vector<std::uint32_t>> wires_of_;
  std::array<Board, 3> boards_;
  std::vector<std::uint32_t> number_;  // by place in the mesh: number of the site on its board
  std::vector<std::uint64_t> stays_;   // by unit
  std::vector<bool> closed_;           // by PMU
  std::vector<std::uint64_t> rooms_;   // by PMU
  std::vector<Site> sites_;
  std::vector<Point> points_;
  std::vector<std::uint32_t> seat_;  // by unit: number of its site on the board
  std::vector<std::uint32_t> movable_;
  std::vector<std::uint64_t> costs_;
  std::vector<std::uint64_t> stamp_;
  std::uint64_t mark_ = 0;
  std::vector<Changed> changed_;
  std::uint64_t temperature_ = 0;
  std::uint32_t range_ = 1;
};

// Hundredths of the half perimeter around so many ends that the tree to them is long, about.
std::uint64_t tree_percent(std::size_t ends) { return ends <= 3 ? 100 : 100 + 6 * (ends - 3); }

std::uint64_t room_of(const Netlist::Wire& wire, std::uint32_t kind, const Mesh& mesh) {
  return kHeaviest * tree_percent(wire.units.size()) / 100 / std::max(1U, mesh.wires(kind));
}

}  // namespace

Netlist netlist_of(const Parts& parts, const std::vector<Unit>& units, const rdu_hw_arch& arch,
                   Weighing weighing) {
  const Mesh mesh(arch);
  Netlist netlist;
  std::vector<std::uint32_t> home(parts.contexts.size(), 0);
  for (std::uint32_t i = 0; i < units.size(); ++i) {
    netlist.types.push_back(units[i].type);
    for (const std::uint32_t context : units[i].contexts) home[context] = i;
  }
  std::uint64_t most = 1;
  for (const Link& link : parts.links) {
    Netlist::Wire wire = {{home[link.source->context]}, 0};
    for (const Sink& sink : link.sinks) wire.units.push_back(home[sink.end.context]);
    std::ranges::sort(wire.units);
    wire.units.erase(std::unique(wire.units.begin(), wire.units.end()), wire.units.end());
    if (wire.units.size() < 2) continue;
    const Context& source = parts.contexts[link.source->context];
    wire.weight = weighing == Weighing::kRoom
                      ? room_of(wire, link.kind, mesh)
                      : elements_sent(source, source.outputs[link.source->port]);
    most = std::max(most, wire.weight);
    netlist.wires.push_back(std::move(wire));
  }
  for (Netlist::Wire& wire : netlist.wires) {
    wire.weight = 1 + static_cast<std::uint64_t>(static_cast<unsigned __int128>(wire.weight) *
                                                 kHeaviest / most);
  }
  return netlist;
}

base::Result<std::vector<Site>> place_units(const Netlist& netlist, const Pins& pins,
                                            const rdu_hw_arch& arch, std::uint64_t seed,
                                            std::uint32_t effort) {
  return Annealer(netlist, arch, seed).run(pins, effort);
}

std::uint64_t wire_cost(const Netlist& netlist, const std::vector<Site>& sites,
                        const rdu_hw_arch& arch) {
  std::vector<Point> points;
  for (std::size_t i = 0; i < sites.size(); ++i) {
    points.push_back(point_of(netlist.types[i], sites[i], arch));
  }
  std::uint64_t cost = 0;
  for (const Netlist::Wire& wire : netlist.wires) cost += box_cost(wire, points);
  return cost;
}

}  // namespace rducc::rdu
