// Placement: every unit on a site of its type and of its own, pins kept, wires shorter, the same for a seed.
#include "tools/rducc/target/rdu/place.hpp"

#include <catch2/catch.hpp>
#include <set>
#include <tuple>

#include "tests/tools/rducc/target/rdu/chips.hpp"
#include "tools/rducc/target/rdu/random.hpp"

using namespace rducc::rdu;
using rdu_test::chip;

namespace {

// Units of all types, wires between neighbours in the list and some across.
Netlist random_netlist(const rdu_hw_arch& arch, Random& random) {
  Netlist netlist;
  const std::uint32_t pcus = 1 + random.below(rdu_hw_arch_num_pcus(&arch) * 3 / 4);
  const std::uint32_t pmus = 1 + random.below(rdu_hw_arch_num_pmus(&arch) * 3 / 4);
  const std::uint32_t agcus = 1 + random.below(arch.agcu.count);
  netlist.types.insert(netlist.types.end(), pcus, RDU_HW_UNIT_PCU);
  netlist.types.insert(netlist.types.end(), pmus, RDU_HW_UNIT_PMU);
  netlist.types.insert(netlist.types.end(), agcus, RDU_HW_UNIT_AGCU);
  const auto count = static_cast<std::uint32_t>(netlist.types.size());
  for (std::uint32_t i = 0; i < 2 * count; ++i) {
    std::set<std::uint32_t> units = {random.below(count)};
    for (std::uint32_t k = 0; k <= random.below(2); ++k) {
      units.insert((*units.begin() + 1 + random.below(4) * count / 4 + random.below(3)) % count);
    }
    if (units.size() < 2) continue;
    netlist.wires.push_back({{units.begin(), units.end()}, 1 + random.below(100)});
  }
  return netlist;
}

bool is_legal(const Netlist& netlist, const std::vector<Site>& sites, const rdu_hw_arch& arch) {
  std::set<std::tuple<bool, std::uint32_t, std::uint32_t>> taken;
  for (std::size_t i = 0; i < sites.size(); ++i) {
    const bool agcu = netlist.types[i] == RDU_HW_UNIT_AGCU;
    const Site& site = sites[i];
    if (!taken.insert({agcu, site.row, site.column}).second) return false;
    if (agcu) {
      if (site.row >= arch.agcu.count || site.column != 0) return false;
      continue;
    }
    if (site.row >= rdu_hw_arch_mesh_rows(&arch)) return false;
    if (site.column >= rdu_hw_arch_mesh_columns(&arch)) return false;
    const bool pcu = rdu_hw_arch_is_pcu(site.row, site.column) != 0;
    if (pcu != (netlist.types[i] == RDU_HW_UNIT_PCU)) return false;
  }
  return true;
}

Pins no_pins(const Netlist& netlist) {
  return {std::vector<std::optional<Site>>(netlist.types.size()), {}};
}

}  // namespace

TEST_CASE("placements are legal, repeatable, and much shorter than the first one") {
  for (const char* name : {"plasticine", "sara20", "sn10", "edge"}) {
    const rdu_hw_arch arch = chip(name);
    for (std::uint64_t seed = 0; seed < 2; ++seed) {
      INFO(name << ", seed " << seed);
      Random random(seed);
      const Netlist netlist = random_netlist(arch, random);
      const Pins pins = no_pins(netlist);
      const std::vector<Site> sites = *place_units(netlist, pins, arch, seed, 5);
      CHECK(is_legal(netlist, sites, arch));
      CHECK(*place_units(netlist, pins, arch, seed, 5) == sites);
      const bool large = netlist.types.size() > 20;
      if (large) CHECK(*place_units(netlist, pins, arch, seed + 1, 5) != sites);
      const std::vector<Site> hardly = *place_units(netlist, pins, arch, seed, 0);
      CHECK(wire_cost(netlist, sites, arch) <= wire_cost(netlist, hardly, arch));
    }
  }
}

TEST_CASE("pinned units stay, and nobody moves in where it is closed") {
  const rdu_hw_arch arch = chip("edge");
  Netlist netlist;
  netlist.types.assign(7, RDU_HW_UNIT_PMU);
  for (std::uint32_t i = 1; i < 7; ++i) netlist.wires.push_back({{0, i}, 1});
  Pins pins = no_pins(netlist);
  pins.units[0] = Site{3, 2};
  pins.closed = {{3, 2}, {0, 1}};
  const std::vector<Site> sites = *place_units(netlist, pins, arch, 1, 100);
  CHECK(is_legal(netlist, sites, arch));
  CHECK(sites[0] == Site{3, 2});
  for (const Site& site : sites) CHECK(!(site == Site{0, 1}));
}

TEST_CASE("a chain is laid out as a chain") {
  const rdu_hw_arch arch = chip("sara20");
  Netlist netlist;
  for (std::uint32_t i = 0; i < 40; ++i) {
    netlist.types.push_back(i % 2 == 0 ? RDU_HW_UNIT_PCU : RDU_HW_UNIT_PMU);
    if (i != 0) netlist.wires.push_back({{i - 1, i}, 1});
  }
  const std::vector<Site> sites = *place_units(netlist, no_pins(netlist), arch, 1, 100);
  // Neighbours of a checkerboard are two half hops apart: 39 wires cannot be shorter.
  CHECK(wire_cost(netlist, sites, arch) >= 2 * 39);
  CHECK(wire_cost(netlist, sites, arch) <= 2 * 39 + 12);
}
