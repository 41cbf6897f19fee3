// Random networks: the simulator, however it is driven, and the ticking model agree to the cycle and to the bit.
#include "tests/drivers/emu/sim/network.hpp"

#include <algorithm>
#include <catch2/catch.hpp>

#include "drivers/emu/sim/firing.hpp"

namespace sim_test {
namespace {

using rdu_hw::sim::kUnlimited;

constexpr int kNetworks = 2000;

Observations without_digests(Observations all) {
  for (Observed& o : all) o.digest = 0;
  return all;
}

bool complete(const Network& net, const Observations& all) {
  for (std::size_t u = 0; u < net.units.size(); ++u) {
    if (static_cast<std::int64_t>(all[u].times.size()) != net.units[u].firings) return false;
  }
  return true;
}

TEST_CASE("blocks, single vectors and any order of units give what ticking gives") {
  int completed = 0;
  for (int seed = 1; seed <= kNetworks; ++seed) {
    INFO("network " << seed);
    Random random(static_cast<std::uint64_t>(seed));
    const Network net = random_network(random);
    const Observations expected = run_naive(net);
    const std::uint64_t order = static_cast<std::uint64_t>(seed);
    REQUIRE(run_simulated(net, {kUnlimited, 0, true}) == expected);
    REQUIRE(run_simulated(net, {1, 0, true}) == expected);
    REQUIRE(run_simulated(net, {kUnlimited, order, true}) == expected);
    REQUIRE(run_simulated(net, {kUnlimited, 0, false}) == without_digests(expected));
    completed += complete(net, expected);
  }
  // Both kinds are met often enough for the test to mean something.
  REQUIRE(completed > kNetworks / 2);
  REQUIRE(completed < kNetworks - kNetworks / 20);
}

}  // namespace
}  // namespace sim_test
