// Jumping from decision to decision issues the very commands that looking at every clock does.
#include <catch2/catch.hpp>

#include "tests/drivers/emu/dram/ticking.hpp"
#include "tests/drivers/emu/dram/workload.hpp"

namespace dram_test {

TEST_CASE("the commands are those of a model that ticks") {
  for (unsigned seed = 200; seed < 270; ++seed) {
    std::mt19937_64 random(seed);
    const Config config = random_config(random);
    const auto requests = random_requests(config, random, 900);
    const Outcome outcome = run(config, requests);
    CAPTURE(seed);
    REQUIRE(outcome.fault == "");
    for (int channel = 0; channel < config.geometry.channels; ++channel) {
      const std::vector<Command> expected = tick(config, requests, channel);
      std::vector<Command> seen;
      for (const Command& c : outcome.commands) {
        if (c.channel == channel) seen.push_back(c);
      }
      REQUIRE(seen.size() == expected.size());
      for (std::size_t i = 0; i < seen.size(); ++i) {
        CAPTURE(i, text(seen[i]), text(expected[i]));
        REQUIRE(seen[i] == expected[i]);
      }
    }
  }
}

}  // namespace dram_test
