// A tier's figures as the memory model wants them, and the controllers' policy.
#include <string>

#include "drivers/emu/units/controllers.hpp"

namespace rdu_hw::emu {
namespace {

dram::Timing timing_of(const rdu_hw_dram& tier) {
  const rdu_hw_dram_timing& t = tier.timing;
  const auto clocks = [](std::uint32_t figure) { return static_cast<std::int32_t>(figure); };
  return {.burst_length = clocks(tier.burst_length),
          .cl = clocks(t.cl),
          .cwl = clocks(t.cwl),
          .rcd = clocks(t.rcd),
          .rp = clocks(t.rp),
          .ras = clocks(t.ras),
          .rc = clocks(t.rc),
          .rrd_s = clocks(t.rrd_s),
          .rrd_l = clocks(t.rrd_l),
          .faw = clocks(t.faw),
          .ccd_s = clocks(t.ccd_s),
          .ccd_l = clocks(t.ccd_l),
          .wr = clocks(t.wr),
          .wtr_s = clocks(t.wtr_s),
          .wtr_l = clocks(t.wtr_l),
          .rtp = clocks(t.rtp),
          .rtw = clocks(t.rtw),
          .rtrs = clocks(t.rtrs),
          .rfc = clocks(t.rfc),
          .refi = clocks(t.refi)};
}

std::string map_of(const rdu_hw_dram& tier) {
  static constexpr const char* kDigits[RDU_HW_MAP_DIGITS] = {"ro", "ra", "ba", "bg", "co", "ch"};
  std::string map;
  for (const std::uint8_t digit : tier.address_map) map += kDigits[digit];
  return map;
}

}  // namespace

dram::Config dram_config(const rdu_hw_arch& arch, const rdu_hw_dram& tier) {
  const auto depth = static_cast<std::int32_t>(tier.queue_depth);
  std::uint32_t clocks = 1;
  std::uint32_t cycles = 1;
  rdu_hw_dram_clock_ratio(&arch, &tier, &clocks, &cycles);
  return {.timing = timing_of(tier),
          .geometry = {.channels = static_cast<std::int32_t>(tier.channels),
                       .ranks = static_cast<std::int32_t>(tier.ranks),
                       .groups = static_cast<std::int32_t>(tier.bank_groups),
                       .banks = static_cast<std::int32_t>(tier.banks),
                       .rows = static_cast<std::int64_t>(rdu_hw_dram_rows(&tier)),
                       .row_bytes = tier.row_bytes,
                       .bus_bits = static_cast<std::int32_t>(tier.bus_bits),
                       .map = dram::FieldOrder(map_of(tier))},
          .policy = {.queue_depth = depth,
                     .write_high = (3 * depth + 3) / 4,
                     .write_low = depth / 4,
                     .quantum = depth,
                     .patience = 1024},
          .ratio = {.clocks = static_cast<std::int32_t>(clocks),
                    .cycles = static_cast<std::int32_t>(cycles)}};
}

}  // namespace rdu_hw::emu
