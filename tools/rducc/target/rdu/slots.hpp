// A plan by which all that stays fits into few PMUs, whatever order sections are built in: each section's contents have a slot each, and
// the room that a PMU has for one section is what the others' do not need.
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "tools/rducc/target/rdu/place.hpp"

namespace rducc::rdu {

class Slots {
 public:
  // `staying`: of each section, the bytes of each of its contents that stay. `capacity`: of a PMU.
  Slots(const std::vector<std::vector<std::uint64_t>>& staying, std::uint64_t capacity);

  // Of what the PMU has left, what sections that are still to be built leave to this one.
  std::uint64_t room(const Site& site, std::uint64_t left, std::size_t section) const;
  // The section's contents have their places, this among them.
  void take(const Site& site, std::size_t section);
  void built(std::size_t section);
  // Slots without a site get these, in their order.
  void reserve(const std::vector<Site>& sites);
  std::vector<Site> sites() const;

 private:
  struct Slot {
    std::optional<Site> site;
    std::vector<std::uint64_t> planned;  // for each section
    std::uint64_t left = 0;
  };
  void plan(std::size_t section, std::vector<std::uint64_t> contents, std::uint64_t capacity,
            std::size_t num_sections);

  std::vector<Slot> slots_;
};

}  // namespace rducc::rdu
