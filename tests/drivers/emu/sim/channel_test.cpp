// The channel by itself: credits, tokens, bytes in place.
#include "drivers/emu/sim/channel.hpp"

#include <catch2/catch.hpp>
#include <cstring>

namespace sim_test {
namespace {

using rdu_hw::sim::Channel;
using rdu_hw::sim::Ring;
using rdu_hw::sim::Stamps;

TEST_CASE("an element is there after the latency, its slot after the credit's") {
  Channel c({"c", 3, 4, 2});
  REQUIRE(c.room() == 3);
  REQUIRE(c.ready() == 0);
  c.send(Stamps{1, 2, 10});
  REQUIRE(c.room() == 0);
  REQUIRE(c.arrivals() == Stamps{5, 6, 14});
  c.take(Stamps{5, 20});
  REQUIRE(c.credits() == Stamps{7, 22});
  REQUIRE(c.ready() == 1);
  c.send(Stamps{7});
  REQUIRE(c.credits() == Stamps{22});
  REQUIRE(c.arrivals() == Stamps{14, 11});
  REQUIRE(c.sent() == 4);
  REQUIRE(c.taken() == 2);
}

TEST_CASE("of times, every k-th may be sent and taken") {
  Channel c({"c", 3, 1, 1});
  const Stamps firings{0, 1, 2, 3, 4, 5, 6, 7};
  c.send(firings, 1, 3);
  REQUIRE(c.arrivals() == Stamps{2, 5, 8});
  c.take(Stamps{2, 5, 6, 9}, 1, 2);
  REQUIRE(c.credits() == Stamps{6, 10});
  c.send(firings, 8, 3);
  REQUIRE(c.sent() == 3);
}

TEST_CASE("tokens are there before anything is sent") {
  Channel c({"c", 4, 3, 1});
  c.preload(3, 2);
  REQUIRE(c.room() == 1);
  REQUIRE(c.arrivals() == Stamps{2, 2, 2});
}

TEST_CASE("without a ring there are no bytes") {
  Channel c({"c", 4, 1, 1});
  REQUIRE(c.back(4).empty());
  REQUIRE(c.front(0).empty());
}

TEST_CASE("bytes are written and read in place, and blocks end where the ring does") {
  Ring ring(4, sizeof(int));
  Channel c({"c", 4, 1, 1}, &ring);
  REQUIRE(c.room() == 4);
  const int first[] = {10, 11, 12};
  std::memcpy(c.back(3).data(), first, sizeof first);
  c.send(Stamps{0, 1, 2});
  REQUIRE(c.room() == 1);
  REQUIRE(std::memcmp(c.front(3).data(), first, sizeof first) == 0);
  c.take(Stamps{1, 2});
  REQUIRE(c.credits().size() == 3);
  REQUIRE(c.room() == 1);
  const std::byte* last = c.back(1).data();
  c.send(Stamps{3});
  REQUIRE(c.ready() == 2);
  REQUIRE(c.front(2).data() + sizeof(int) == last);
  REQUIRE(c.room() == 2);
  c.send(Stamps{4});
  REQUIRE(c.arrivals().size() == 3);
  REQUIRE(c.ready() == 2);
}

TEST_CASE("channels of a multicast read the same bytes, each at its own pace") {
  Ring ring(4, 1);
  Channel near({"near", 4, 1, 1}, &ring), far({"far", 2, 5, 1}, &ring);
  std::memcpy(near.back(2).data(), "ab", 2);
  REQUIRE(near.back(2).data() == far.back(2).data());
  near.send(Stamps{0, 1});
  far.send(Stamps{0, 1});
  near.take(Stamps{1, 2});
  far.take(Stamps{5});
  REQUIRE(near.back(1).data() == far.back(1).data());
  std::memcpy(far.back(1).data(), "c", 1);
  near.send(Stamps{6});
  far.send(Stamps{6});
  REQUIRE(std::memcmp(near.front(1).data(), "c", 1) == 0);
  REQUIRE(std::memcmp(far.front(2).data(), "bc", 2) == 0);
}

}  // namespace
}  // namespace sim_test
