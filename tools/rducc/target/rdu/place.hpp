// Where units go: seeded annealing on the length of wires, each counted as often as something travels over it.
#pragma once

#include <rdu_hw/arch.h>

#include <optional>
#include <vector>

#include "sdk/base/result.hpp"
#include "tools/rducc/target/rdu/netlist.hpp"

namespace rducc::rdu {

// A PCU's or PMU's place in the mesh; an AGCU's number in `row`, column 0.
struct Site {
  std::uint32_t row = 0;
  std::uint32_t column = 0;
  friend bool operator==(const Site&, const Site&) = default;
};

struct Pins {
  std::vector<std::optional<Site>> units;  // that are not moved
  std::vector<Site> closed;                // PMUs that nothing else is put on, but for what follows
  // Of units whose contents stay for ever, bytes; 0, or past the end: of any other unit.
  std::vector<std::uint64_t> stays = {};
  // What a PMU has left for those, where that is not all of it.
  struct Room {
    Site site;
    std::uint64_t bytes;
  };
  std::vector<Room> rooms = {};
  // Of each unit, PMUs that it is not put on; past the end: none.
  std::vector<std::vector<Site>> avoided = {};
};

// The place of each unit. kLimit where there are too few sites for what stays; for others there are enough. `effort` in percent.
base::Result<std::vector<Site>> place_units(const Netlist& netlist, const Pins& pins,
                                            const rdu_hw_arch& arch, std::uint64_t seed,
                                            std::uint32_t effort);

// Σ weight · half the perimeter of the box around the wire's switches.
std::uint64_t wire_cost(const Netlist& netlist, const std::vector<Site>& sites,
                        const rdu_hw_arch& arch);

}  // namespace rducc::rdu
