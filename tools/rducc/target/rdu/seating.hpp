// Who sits where on a chip, and which unit may be on which site.
#pragma once

#include <array>
#include <vector>

#include "tools/rducc/target/rdu/place.hpp"

namespace rducc::rdu {

inline constexpr std::uint32_t kNobody = RDU_HW_NONE;

// In half hops: a PCU or PMU lies in the middle of its four switches.
struct Point {
  std::int32_t row;
  std::int32_t column;
};
Point point_of(std::uint32_t type, const Site& site, const rdu_hw_arch& arch);

// Sites are numbered for each type of unit.
class Seating {
 public:
  Seating(const std::vector<std::uint32_t>& types, const Pins& pins, const rdu_hw_arch& arch);

  // Every unit gets a first site. kLimit where there are too few.
  base::Result<void> begin();

  const std::vector<std::uint32_t>& movable() const { return movable_; }
  const std::vector<Site>& sites() const { return sites_; }
  const std::vector<Point>& points() const { return points_; }
  std::uint32_t seat(std::uint32_t unit) const { return seats_[unit]; }
  std::uint32_t tenant(std::uint32_t type, std::uint32_t site) const {
    return boards_[type].tenants[site];
  }
  // Of a PCU's or PMU's place in the mesh.
  std::uint32_t number_of(const Site& site) const {
    return number_[site.row * columns_ + site.column];
  }
  // What found a place among others that stay is content with such places.
  bool may_move(std::uint32_t unit, std::uint32_t from, std::uint32_t to) const {
    const bool opens = stays_[unit] != 0 && closed_[from] && !closed_[to];
    return may_sit(unit, to) && !opens;
  }
  // The unit goes there; who sits there, or nobody, comes here.
  void exchange(std::uint32_t unit, std::uint32_t to);

 private:
  // All sites of one type, and who sits there.
  struct Board {
    std::vector<Site> sites;
    std::vector<Point> points;  // of the sites
    std::vector<std::uint32_t> tenants;
  };
  void make_boards();
  void note_rooms();
  bool may_sit(std::uint32_t unit, std::uint32_t site) const {
    if (types_[unit] != RDU_HW_UNIT_PMU) return true;
    if (!avoided_[unit].empty() && avoided_[unit][site]) return false;
    return stays_[unit] == 0 ? !closed_[site] : stays_[unit] <= rooms_[site];
  }
  base::Result<void> seat_what_stays();
  base::Result<void> seat_what_avoids();
  base::Result<void> seat_next(std::uint32_t unit, std::uint32_t from);
  void put(std::uint32_t unit, std::uint32_t site);

  const std::vector<std::uint32_t>& types_;
  const Pins& pins_;
  const rdu_hw_arch& arch_;
  std::uint32_t columns_;
  std::array<Board, 3> boards_;
  std::vector<std::uint32_t> number_;       // by place in the mesh
  std::vector<std::uint64_t> stays_;        // by unit
  std::vector<std::vector<bool>> avoided_;  // by unit and PMU; empty: none
  std::vector<bool> closed_;                // by PMU
  std::vector<std::uint64_t> rooms_;        // by PMU
  std::vector<Site> sites_;                 // by unit
  std::vector<Point> points_;               // by unit
  std::vector<std::uint32_t> seats_;        // by unit: number of its site
  std::vector<std::uint32_t> movable_;
};

}  // namespace rducc::rdu
