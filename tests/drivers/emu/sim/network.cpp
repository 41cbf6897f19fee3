// Random networks: rates from a number of firings per round, so that most of them run to their end.
#include "tests/drivers/emu/sim/network.hpp"

#include <algorithm>
#include <numeric>

namespace sim_test {

std::vector<int> Network::ports(int unit) const {
  std::vector<int> inputs, outputs;
  for (int c = 0; c < static_cast<int>(channels.size()); ++c) {
    if (channels[c].reader == unit) inputs.push_back(c);
    if (channels[c].writer == unit) outputs.push_back(c);
  }
  inputs.insert(inputs.end(), outputs.begin(), outputs.end());
  return inputs;
}

bool Network::is_input(int unit, int port) const {
  return port < std::count_if(
                    channels.begin(), channels.end(),
                    [&](const ChannelPlan& c) { return c.reader == unit; });
}

namespace {

std::int64_t common_divisor(Random& random, std::int64_t a, std::int64_t b) {
  const std::int64_t greatest = std::gcd(a, b);
  std::int64_t divisor;
  do {
    divisor = random.in(1, greatest);
  } while (greatest % divisor != 0);
  return divisor;
}

ChannelPlan random_channel(Random& random, int writer, int reader,
                           const std::vector<std::int64_t>& per_round) {
  const std::int64_t elements = common_divisor(random, per_round[writer], per_round[reader]);
  ChannelPlan c{writer,
                reader,
                per_round[writer] / elements,
                per_round[reader] / elements,
                random.chance(25) ? random.in(7, 40) : random.in(1, 6),
                random.in(0, 6),
                random.in(0, 3),
                random.chance(30)};
  if (writer >= reader) {
    c.tokens = random.chance(90) ? random.in(1, c.depth) : 0;
    c.tokens_at = random.in(0, 4);
  }
  return c;
}

}  // namespace

Network random_network(Random& random) {
  static constexpr std::int64_t kPerRound[] = {1, 1, 1, 2, 3, 4, 6};
  Network net;
  const int units = static_cast<int>(random.in(2, 7));
  const std::int64_t rounds = random.in(1, 40);
  std::vector<std::int64_t> per_round;
  for (int u = 0; u < units; ++u) {
    per_round.push_back(kPerRound[random.in(0, 6)]);
    const Time interval = random.chance(50) ? 1 : random.in(2, 5);
    net.units.push_back({rounds * per_round[u], interval, random.in(0, 3), random.chance(50)});
    if (random.chance(3)) net.units[u].firings += random.in(-1, 1);
  }
  const auto connect = [&](int writer, int reader) {
    net.channels.push_back(random_channel(random, writer, reader, per_round));
  };
  for (int u = 1; u < units; ++u) connect(static_cast<int>(random.in(0, u - 1)), u);
  for (std::int64_t extra = random.in(0, 4); extra > 0; --extra) {
    const int a = static_cast<int>(random.in(0, units - 1)),
              b = static_cast<int>(random.in(0, units - 1));
    // Mostly forward: a second path between two units; sometimes a cycle, perhaps of one unit.
    if (a != b && random.chance(70)) {
      connect(std::min(a, b), std::max(a, b));
    } else {
      connect(std::max(a, b), std::min(a, b));
    }
  }
  return net;
}

}  // namespace sim_test
