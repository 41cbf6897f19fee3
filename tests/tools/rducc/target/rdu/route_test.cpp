// Routes: every wire once, whatever the crowd; a crowd that does not fit is named.
#include "tools/rducc/target/rdu/route.hpp"

#include <catch2/catch.hpp>
#include <set>
#include <tuple>

#include "tests/tools/rducc/target/rdu/chips.hpp"
#include "tools/rducc/target/rdu/random.hpp"

using namespace rducc::rdu;
using rdu_test::chip;

namespace {

// Units everywhere, each with one context, and random links between them.
struct Crowd {
  Parts parts;
  std::vector<Unit> units;
  std::vector<Site> sites;
};

Crowd crowd(const rdu_hw_arch& arch, Random& random, std::uint32_t links, std::uint32_t sinks) {
  Crowd crowd;
  for (std::uint32_t row = 0; row < rdu_hw_arch_mesh_rows(&arch); ++row) {
    for (std::uint32_t column = 0; column < rdu_hw_arch_mesh_columns(&arch); ++column) {
      const bool pcu = rdu_hw_arch_is_pcu(row, column) != 0;
      const auto number = static_cast<std::uint32_t>(crowd.units.size());
      crowd.units.push_back({pcu ? RDU_HW_UNIT_PCU : RDU_HW_UNIT_PMU, {number}, {}, false});
      crowd.sites.push_back({row, column});
      crowd.parts.contexts.emplace_back();
    }
  }
  const auto count = static_cast<std::uint32_t>(crowd.units.size());
  for (std::uint32_t i = 0; i < links; ++i) {
    Link link;
    link.kind = random.below(3);
    link.source = End{random.below(count), 0};
    for (std::uint32_t k = 0; k <= random.below(sinks); ++k) {
      link.sinks.push_back({{random.below(count), 0}, 0, {}});
    }
    crowd.parts.links.push_back(std::move(link));
  }
  return crowd;
}

}  // namespace

TEST_CASE("random crowds find their ways, and no wire is used twice") {
  for (const char* name : {"plasticine", "edge", "sn10"}) {
    const rdu_hw_arch arch = chip(name);
    for (std::uint64_t seed = 0; seed < 4; ++seed) {
      INFO(name << ", seed " << seed);
      Random random(seed);
      // Anywhere to anywhere: the more units, the longer the ways.
      const std::uint32_t units = rdu_hw_arch_num_units(&arch);
      const Crowd it = crowd(arch, random, units < 200 ? units / 2 : units / 8, 3);
      const auto routes = route_links(it.parts, it.units, it.sites, arch);
      INFO((routes.ok() ? std::string() : routes.error().message));
      REQUIRE(routes.ok());
      std::set<
          std::tuple<std::uint32_t, std::uint32_t, std::uint32_t, std::uint32_t, std::uint32_t>>
          wires;
      std::size_t hops = 0;
      for (std::size_t i = 0; i < routes->size(); ++i) {
        for (const rdu_hw_hop& hop : (*routes)[i].hops) {
          wires.insert({it.parts.links[i].kind, hop.row, hop.column, hop.side, hop.number});
          ++hops;
        }
      }
      CHECK(wires.size() == hops);
    }
  }
}

TEST_CASE("a crowd that does not fit is told where") {
  const rdu_hw_arch arch =
      chip("edge", {"network.vector_links=1", "network.scalar_links=1", "network.control_links=1"});
  Random random(7);
  const Crowd it = crowd(arch, random, 200, 4);
  const auto routes = route_links(it.parts, it.units, it.sites, arch);
  REQUIRE(!routes.ok());
  CHECK(routes.error().code == rdu::base::Code::kLimit);
  CHECK_THAT(
      routes.error().message,
      Catch::StartsWith("no routes: of the 1 vector wires from a switch to its neighbour more "
                        "are wanted in ") &&
          Catch::Contains(") south: "));
}
