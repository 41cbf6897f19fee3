// Peers as tables: aligned whatever they say, rates only within one life of a peer.
#include "tools/rdu/peer_table.hpp"

#include <catch2/catch.hpp>

#include "tools/rdu/error.hpp"

using nlohmann::json;
using rdu::tool::health_port;
using rdu::tool::peer_tables;
using rdu::tool::PeerLook;

namespace {

json status(std::uint64_t epoch, std::uint64_t runs, std::uint64_t busy_us) {
  return {{"epoch", epoch},
          {"uptime_s", 12},
          {"draining", false},
          {"ready", true},
          {"clients", 3},
          {"busy_clients", 1},
          {"states", 0},
          {"queued_bytes", 2'500'000},
          {"overloaded", 7},
          {"devices",
           {{{"uri", "cpu:"},
             {"queued", 4},
             {"under_way", 2},
             {"restarts", 0},
             {"busy_us", busy_us},
             {"total", {{"count", runs}, {"p50_us", 90}, {"p99_us", 1200}, {"p999_us", 2000}}}}}}};
}

}  // namespace

TEST_CASE("peers and their devices stand in columns") {
  const PeerLook looks[] = {
      {"127.0.0.1:7071", {status(1, 300, 1'000'000), {}}, {status(1, 100, 0), {}}, 2},
      {"127.0.0.1:80", {{}, "Connection refused"}, {status(1, 1, 1), {}}, 2}};
  CHECK(peer_tables({looks, looks + 2}) ==
        "          peer  state                     up s  clients  busy  states  queued MB  "
        "overloaded\n"
        "127.0.0.1:7071  ready                       12        3     1       0        2.5          "
        " 7\n"
        "  127.0.0.1:80  away: Connection refused     -        -     -       -          -          "
        " -\n"
        "\n"
        "          peer  device  runs/s  busy  queue  restarts  p50 us  p99 us  p99.9 us\n"
        "127.0.0.1:7071  cpu:       100  50 %      6         0      90    1200      2000\n");
}

TEST_CASE("there are no rates at first, and none over the death of a peer") {
  const PeerLook first = {"a", {status(1, 300, 0), {}}, {}, 1};
  const PeerLook again = {"a", {status(2, 5, 0), {}}, {status(1, 300, 0), {}}, 1};
  const PeerLook away = {"a", {status(2, 5, 0), {}}, {{}, "no answer"}, 1};
  for (const PeerLook& look : {first, again, away}) {
    const std::string text = peer_tables({look});
    CHECK(text.find("cpu:         -     -      6") != std::string::npos);
  }
}

TEST_CASE("a health page is named by its address or its port") {
  CHECK(health_port("7071") == 7071);
  CHECK(health_port("127.0.0.1:7071") == 7071);
  CHECK(health_port("http://127.0.0.1:7071/") == 7071);
  for (const char* wrong : {"", "0", "65536", "http://127.0.0.1/", "7071x"}) {
    INFO(wrong);
    CHECK_THROWS_AS(health_port(wrong), rdu::tool::ToolError);
  }
}
