// Refuses a memory that could not exist, or that the model could not simulate.
#include "drivers/emu/dram/config.hpp"

#include <initializer_list>

namespace rdu_hw::dram {
namespace {

struct Bound {
  const char* name;
  std::int64_t value, least, most;
};

std::string find_outside(std::initializer_list<Bound> bounds) {
  for (const Bound& b : bounds) {
    if (b.value >= b.least && b.value <= b.most) continue;
    return std::string(b.name) + " is " + std::to_string(b.value) + ", not within " +
           std::to_string(b.least) + ".." + std::to_string(b.most);
  }
  return {};
}

// Of any timing. With it, and the bounds below, neither sums of clocks nor the capacity can overflow.
constexpr std::int64_t kMost = 1 << 20;

std::string timing_fault(const Timing& t) {
  const std::int64_t busy_refresh = std::int64_t{t.rfc} + t.rc + t.rp + t.wr;
  return find_outside({
      {"timing.burst_length", t.burst_length, 2, 64},
      {"timing.burst_length's odd part", t.burst_length % 2, 0, 0},
      {"timing.cl", t.cl, 1, kMost},
      {"timing.cwl", t.cwl, 1, kMost},
      {"timing.rcd", t.rcd, 1, kMost},
      {"timing.rp", t.rp, 1, kMost},
      {"timing.ras", t.ras, 1, kMost},
      {"timing.rc", t.rc, 1, kMost},
      {"timing.rrd_s", t.rrd_s, 1, t.rrd_l},
      {"timing.rrd_l", t.rrd_l, 1, kMost},
      {"timing.faw", t.faw, 1, kMost},
      {"timing.ccd_s", t.ccd_s, 1, t.ccd_l},
      {"timing.ccd_l", t.ccd_l, 1, kMost},
      {"timing.wr", t.wr, 0, kMost},
      {"timing.wtr_s", t.wtr_s, 0, t.wtr_l},
      {"timing.wtr_l", t.wtr_l, 0, kMost},
      {"timing.rtp", t.rtp, 1, kMost},
      {"timing.rtw", t.rtw, 1, kMost},
      {"timing.rtrs", t.rtrs, 0, kMost},
      {"timing.rfc", t.rfc, 1, kMost},
      {"timing.refi", t.refi, busy_refresh + 1, kMost},
  });
}

std::string geometry_fault(const Geometry& g) {
  if (std::string fault = find_outside({{"geometry.channels", g.channels, 1, 1024},
                                        {"geometry.ranks", g.ranks, 1, 64},
                                        {"geometry.groups", g.groups, 1, 64},
                                        {"geometry.banks", g.banks, 1, 64},
                                        {"geometry.rows", g.rows, 1, 1 << 24},
                                        {"geometry.row_bytes", g.row_bytes, 1, 1 << 20},
                                        {"geometry.bus_bits", g.bus_bits, 8, 8192},
                                        {"geometry.bus_bits's odd part", g.bus_bits % 8, 0, 0}});
      !fault.empty()) {
    return fault;
  }
  return find_outside(
      {{"geometry: banks of a channel", std::int64_t{g.ranks} * g.groups * g.banks, 1, 64}});
}

std::string map_fault(std::string_view map) {
  bool good = map.size() == 12;
  for (const std::string_view field : {"ro", "ra", "bg", "ba", "co", "ch"}) {
    std::size_t found = 0;
    for (std::size_t at = 0; good && at < map.size(); at += 2) found += map.substr(at, 2) == field;
    good = good && found == 1;
  }
  if (good) return {};
  return "geometry.map is \"" + std::string(map) + "\", not an order of ro ra bg ba co ch";
}

}  // namespace

std::string find_fault(const Config& config) {
  if (std::string fault = timing_fault(config.timing); !fault.empty()) return fault;
  if (std::string fault = geometry_fault(config.geometry); !fault.empty()) return fault;
  if (std::string fault = map_fault(config.geometry.map.text()); !fault.empty()) return fault;
  const Policy& p = config.policy;
  return find_outside({{"geometry.row_bytes beyond whole bursts",
                        config.geometry.row_bytes % config.burst_bytes(), 0, 0},
                       {"policy.queue_depth", p.queue_depth, 1, 4096},
                       {"policy.write_high", p.write_high, 1, p.queue_depth},
                       {"policy.write_low", p.write_low, 0, p.write_high - 1},
                       {"policy.quantum", p.quantum, 1, kMost},
                       {"policy.patience", p.patience, 1, kMost},
                       {"ratio.clocks", config.ratio.clocks, 1, kMost},
                       {"ratio.cycles", config.ratio.cycles, 1, kMost}});
}

Cycle lone_read_cycles(const Config& config) {
  const Timing& t = config.timing;
  return config.ratio.completion(t.rcd + t.cl + t.burst());
}

}  // namespace rdu_hw::dram
