// Simulated annealing in integers: swap two sites, keep what is shorter, and what is longer with a chance that falls.
#include "tools/rducc/target/rdu/place.hpp"

#include <algorithm>

#include "tools/rducc/target/rdu/random.hpp"
#include "tools/rducc/target/rdu/seating.hpp"

namespace rducc::rdu {
namespace {

constexpr std::uint64_t kMovesPerUnit = 80;  // in a round
constexpr std::uint32_t kBeside = 2;

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

class Annealer {
 public:
  Annealer(const Netlist& netlist, const Pins& pins, const rdu_hw_arch& arch, std::uint64_t seed)
      : netlist_(netlist),
        arch_(arch),
        random_(seed),
        wires_of_(netlist.types.size()),
        seating_(netlist.types, pins, arch),
        stamp_(netlist.wires.size(), 0) {
    for (std::uint32_t i = 0; i < netlist.wires.size(); ++i) {
      for (const std::uint32_t unit : netlist.wires[i].units) wires_of_[unit].push_back(i);
    }
  }

  base::Result<std::vector<Site>> run(std::uint32_t effort) {
    RDU_TRY(seating_.begin());
    for (const Netlist::Wire& wire : netlist_.wires) {
      costs_.push_back(box_cost(wire, seating_.points()));
    }
    if (!seating_.movable().empty()) anneal(effort);
    return seating_.sites();
  }

 private:
  // Quickly down to where half of the moves are taken, slowly through the range where the placement takes shape, and quickly to the end.
  void anneal(std::uint32_t effort) {
    const std::uint64_t count = seating_.movable().size();
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
    const auto& movable = seating_.movable();
    const std::uint32_t unit = movable[random_.below(static_cast<std::uint32_t>(movable.size()))];
    const std::uint32_t from = seating_.seat(unit);
    const std::uint32_t to = pick(unit);
    if (to == from) return false;
    const std::uint32_t other = seating_.tenant(netlist_.types[unit], to);
    const bool may = seating_.may_move(unit, from, to) &&
                     (other == kNobody || seating_.may_move(other, to, from));
    if (!may) return false;
    seating_.exchange(unit, to);
    if (accept(unit, other)) return true;
    seating_.exchange(unit, from);
    return false;
  }

  // A site of the unit's type, the same one where the pick is none: beside a unit that it talks to, or anywhere within the range.
  std::uint32_t pick(std::uint32_t unit) {
    const std::uint32_t type = netlist_.types[unit];
    const Site& here = seating_.sites()[unit];
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
    if (column >= columns) return seating_.seat(unit);
    const std::uint32_t number = seating_.number_of({row, column});
    return number == kNobody ? seating_.seat(unit) : number;
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
    const Point& at = seating_.points()[other];
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
        const std::uint64_t cost = box_cost(netlist_.wires[wire], seating_.points());
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
  Seating seating_;
  std::vector<std::uint64_t> costs_;
  std::vector<std::uint64_t> stamp_;
  std::uint64_t mark_ = 0;
  std::vector<Changed> changed_;
  std::uint64_t temperature_ = 0;
  std::uint32_t range_ = 1;
};

}  // namespace

base::Result<std::vector<Site>> place_units(const Netlist& netlist, const Pins& pins,
                                            const rdu_hw_arch& arch, std::uint64_t seed,
                                            std::uint32_t effort) {
  return Annealer(netlist, pins, arch, seed).run(effort);
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
