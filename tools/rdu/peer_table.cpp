// Counters become rates where both looks are of the same life of the peer; else there is nothing to compare with.
#include "tools/rdu/peer_table.hpp"

#include "sdk/base/result.hpp"
#include "tools/rdu/table.hpp"

namespace rdu::tool {

namespace {

using base::format;
using nlohmann::json;

constexpr const char* kNothing = "-";

std::uint64_t number(const json& object, const char* name) {
  return object.at(name).get<std::uint64_t>();
}

std::string count(const json& object, const char* name) {
  return std::to_string(number(object, name));
}

const char* state_of(const json& status) {
  if (status.at("draining").get<bool>()) return "draining";
  return status.at("ready").get<bool>() ? "ready" : "not ready";
}

std::vector<std::string> peer_line(const PeerLook& peer) {
  if (!peer.now.trouble.empty()) {
    std::vector<std::string> line(8, kNothing);
    line[0] = peer.name;
    line[1] = "away: " + peer.now.trouble;
    return line;
  }
  const json& now = peer.now.status;
  return {peer.name,
          state_of(now),
          count(now, "uptime_s"),
          count(now, "clients"),
          count(now, "busy_clients"),
          count(now, "states"),
          format("%.1f", static_cast<double>(number(now, "queued_bytes")) / 1e6),
          count(now, "overloaded")};
}

// The same device at the look before, in the same life of the peer.
const json* device_before(const PeerLook& peer, const json& device) {
  const json& before = peer.before.status;
  if (!before.is_object() || before.at("epoch") != peer.now.status.at("epoch")) return nullptr;
  for (const json& old : before.at("devices")) {
    if (old.at("uri") == device.at("uri")) return &old;
  }
  return nullptr;
}

std::vector<std::string> device_line(const PeerLook& peer, const json& device) {
  const json& total = device.at("total");
  std::string runs = kNothing, busy = kNothing;
  if (const json* old = device_before(peer, device)) {
    const auto done = number(total, "count") - number(old->at("total"), "count");
    const auto busy_us = number(device, "busy_us") - number(*old, "busy_us");
    runs = format("%.0f", static_cast<double>(done) / peer.seconds);
    busy = format("%.0f %%", static_cast<double>(busy_us) / 1e4 / peer.seconds);
  }
  return {peer.name,
          device.at("uri").get<std::string>(),
          runs,
          busy,
          std::to_string(number(device, "queued") + number(device, "under_way")),
          count(device, "restarts"),
          count(total, "p50_us"),
          count(total, "p99_us"),
          count(total, "p999_us")};
}

}  // namespace

std::string peer_tables(const std::vector<PeerLook>& peers) {
  Table about({"peer", "state", "up s", "clients", "busy", "states", "queued MB", "overloaded"});
  Table work(
      {"peer", "device", "runs/s", "busy", "queue", "restarts", "p50 us", "p99 us", "p99.9 us"});
  for (const PeerLook& peer : peers) {
    about.add(peer_line(peer));
    if (!peer.now.trouble.empty()) continue;
    for (const json& device : peer.now.status.at("devices")) work.add(device_line(peer, device));
  }
  return about.text() + (work.empty() ? "" : "\n" + work.text());
}

}  // namespace rdu::tool
