// Addresses to channels, banks and rows; cycles to clocks; bytes moved when their command is decided.
#include "tests/drivers/emu/naive/memory.hpp"

#include <algorithm>
#include <string>

namespace naive {
namespace {

dram_test::Config config_of(const rdu_hw_arch& arch, const rdu_hw_dram& d) {
  const auto i = [](std::uint32_t figure) { return static_cast<std::int32_t>(figure); };
  const rdu_hw_dram_timing& t = d.timing;
  std::uint32_t clocks = 0;
  std::uint32_t cycles = 0;
  rdu_hw_dram_clock_ratio(&arch, &d, &clocks, &cycles);
  const std::int32_t q = i(d.queue_depth);
  return {
      .timing = {.burst_length = i(d.burst_length),
                 .cl = i(t.cl),
                 .cwl = i(t.cwl),
                 .rcd = i(t.rcd),
                 .rp = i(t.rp),
                 .ras = i(t.ras),
                 .rc = i(t.rc),
                 .rrd_s = i(t.rrd_s),
                 .rrd_l = i(t.rrd_l),
                 .faw = i(t.faw),
                 .ccd_s = i(t.ccd_s),
                 .ccd_l = i(t.ccd_l),
                 .wr = i(t.wr),
                 .wtr_s = i(t.wtr_s),
                 .wtr_l = i(t.wtr_l),
                 .rtp = i(t.rtp),
                 .rtw = i(t.rtw),
                 .rtrs = i(t.rtrs),
                 .rfc = i(t.rfc),
                 .refi = i(t.refi)},
      .geometry = {.channels = i(d.channels),
                   .ranks = i(d.ranks),
                   .groups = i(d.bank_groups),
                   .banks = i(d.banks),
                   .rows = static_cast<std::int64_t>(rdu_hw_dram_rows(&d)),
                   .row_bytes = d.row_bytes,
                   .bus_bits = i(d.bus_bits)},
      .policy = {.queue_depth = q,
                 .write_high = (3 * q + 3) / 4,
                 .write_low = q / 4,
                 .quantum = q,
                 .patience = 1024},
      .ratio = {.clocks = i(clocks), .cycles = i(cycles)},
  };
}

// Bit by bit: each changes that of the bank group that it falls on, round and round.
std::uint64_t hash_of(std::uint64_t above, std::uint64_t groups) {
  int bits = 0;
  while (std::uint64_t{1} << bits < groups) ++bits;
  if (bits == 0 || std::uint64_t{1} << bits != groups) return 0;
  std::uint64_t hash = 0;
  for (int i = 0; i < 64; ++i) hash ^= (above >> i & 1) << i % bits;
  return hash;
}

}  // namespace

Tier::Tier(const rdu_hw_arch& arch, const rdu_hw_dram& figures)
    : figures_(figures),
      burst_bytes_(std::uint64_t{figures.bus_bits} / 8 * figures.burst_length),
      dram_cycles_(arch.agcu.dram_cycles) {
  const dram_test::Config config = config_of(arch, figures);
  clocks_ = config.ratio.clocks;
  cycles_ = config.ratio.cycles;
  for (int c = 0; c < config.geometry.channels; ++c) channels_.emplace_back(config, c);
}

// Digits of the burst's number, the last one listed first.
Tier::Spot Tier::spot(std::uint64_t burst) const {
  std::uint64_t size[RDU_HW_MAP_DIGITS] = {};
  size[RDU_HW_MAP_ROW] = rdu_hw_dram_rows(&figures_);
  size[RDU_HW_MAP_RANK] = figures_.ranks;
  size[RDU_HW_MAP_BANK] = figures_.banks;
  size[RDU_HW_MAP_BANK_GROUP] = figures_.bank_groups;
  size[RDU_HW_MAP_COLUMN] = figures_.row_bytes / burst_bytes_;
  size[RDU_HW_MAP_CHANNEL] = figures_.channels;
  std::uint64_t digit[RDU_HW_MAP_DIGITS] = {};
  for (int i = RDU_HW_MAP_DIGITS; i-- > 0;) {
    const std::uint8_t field = figures_.address_map[i];
    digit[field] = burst % size[field];
    burst /= size[field];
    if (field == RDU_HW_MAP_BANK_GROUP) digit[field] ^= hash_of(burst, size[field]);
  }
  const std::uint64_t group =
      digit[RDU_HW_MAP_RANK] * figures_.bank_groups + digit[RDU_HW_MAP_BANK_GROUP];
  return {static_cast<int>(digit[RDU_HW_MAP_CHANNEL]),
          static_cast<int>(group * figures_.banks + digit[RDU_HW_MAP_BANK]),
          static_cast<std::int64_t>(digit[RDU_HW_MAP_ROW])};
}

void Tier::submit(const BurstRef& burst, Time time, std::uint32_t requester, std::uint64_t id) {
  using dram_test::Direction;
  const Direction direction = burst->writes ? Direction::kWrite : Direction::kRead;
  const Spot at = spot(burst->number);
  channels_[at.channel].submit({id, requester, direction, time, burst->number * burst_bytes_},
                               at.bank, at.row);
  under_way_.push_back({requester, id, time, burst});
}

// Clock t falls into cycle floor(t * cycles / clocks).
void Tier::tick(Time now) {
  for (; clock_ * cycles_ / clocks_ <= now; ++clock_) {
    for (dram_test::TickingChannel& channel : channels_) {
      if (const auto request = channel.tick(clock_)) serve(*request, clock_);
    }
  }
}

void Tier::serve(const dram_test::Request& request, Time clock) {
  const auto found = std::ranges::find_if(under_way_, [&](const UnderWay& u) {
    return u.requester == request.requester && u.id == request.id && u.time == request.time;
  });
  Burst& burst = *found->burst;
  const rdu_hw_dram_timing& t = figures_.timing;
  const Time end = clock + (burst.writes ? t.cwl : t.cl) + figures_.burst_length / 2;
  burst.there = (end * cycles_ + clocks_ - 1) / clocks_ + dram_cycles_;
  move_bytes(burst);
  under_way_.erase(found);
}

void Tier::move_bytes(Burst& burst) {
  for (const Burst::Piece& piece : burst.pieces) bytes[piece.address] = piece.byte;
  if (burst.writes) return;
  for (std::uint64_t i = 0; i < burst_bytes_; ++i) {
    const std::uint64_t address = burst.number * burst_bytes_ + i;
    burst.bytes.push_back(address < bytes.size() ? bytes[address] : 0);
  }
}

Memory::Memory(const rdu_hw_arch& arch) {
  if (arch.dram.channels != 0) tiers_[0] = std::make_unique<Tier>(arch, arch.dram);
  if (arch.hbm.channels != 0) tiers_[1] = std::make_unique<Tier>(arch, arch.hbm);
}

void Memory::tick(Time now) {
  for (const auto& tier : tiers_) {
    if (tier != nullptr) tier->tick(now);
  }
}

bool Memory::idle() const {
  return std::ranges::all_of(tiers_,
                             [](const auto& tier) { return tier == nullptr || tier->idle(); });
}

}  // namespace naive
