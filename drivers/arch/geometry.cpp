// What follows from a chip's figures: peaks, the places of the AGCUs, a hash.

#include <algorithm>
#include <bit>
#include <cstddef>
#include <numeric>

#include "drivers/arch/chip.hpp"

namespace {

constexpr uint64_t kPicosecondsPerSecond = 1'000'000'000'000;
constexpr uint64_t kTransfersPerClock = 2;
constexpr uint64_t kOperationsPerFma = 2;

bool is_vertical(uint32_t edge) { return edge == RDU_HW_EDGE_WEST || edge == RDU_HW_EDGE_EAST; }

}  // namespace

namespace rdu_hw::arch {

ClockRatio clock_ratio(const rdu_hw_arch& arch, const rdu_hw_dram& dram) {
  uint64_t clocks = kPicosecondsPerSecond * dram.clock_ps_den;
  uint64_t cycles = arch.clock_hz * dram.clock_ps_num;
  uint64_t common = std::gcd(clocks, cycles);
  return {clocks / common, cycles / common};
}

std::array<Side, 4> sides_of(const rdu_hw_arch& arch) {
  uint32_t down = rdu_hw_arch_mesh_rows(&arch) + 1;
  uint32_t across = rdu_hw_arch_mesh_columns(&arch) + 1;
  std::array<Side, 4> sides = {{{RDU_HW_EDGE_WEST, down, 0},
                                {RDU_HW_EDGE_EAST, down, 0},
                                {RDU_HW_EDGE_NORTH, across, 0},
                                {RDU_HW_EDGE_SOUTH, across, 0}}};
  uint32_t in_use = static_cast<uint32_t>(std::popcount(arch.agcu.edges));
  uint32_t dealt = 0;
  for (Side& side : sides) {
    if ((arch.agcu.edges & side.edge) == 0) continue;
    side.agcus = arch.agcu.count / in_use + (dealt++ < arch.agcu.count % in_use ? 1 : 0);
  }
  return sides;
}

}  // namespace rdu_hw::arch

using namespace rdu_hw::arch;

uint64_t rdu_hw_arch_peak_flops(const rdu_hw_arch* arch, uint32_t dtype) {
  const rdu_hw_pcu& pcu = arch->pcu;
  if ((pcu.dtypes & dtype) == 0) return 0;
  uint64_t pipeline = uint64_t{pcu.lanes} * pcu.stages;
  uint64_t array = uint64_t{pcu.systolic_rows} * pcu.systolic_columns;
  uint64_t packed = dtype == RDU_HW_DTYPE_BF16 ? pcu.bf16_per_word : 1;
  return rdu_hw_arch_num_pcus(arch) * std::max(pipeline, array) * packed * kOperationsPerFma *
         arch->clock_hz;
}

uint64_t rdu_hw_dram_peak_bytes_per_s(const rdu_hw_dram* dram) {
  if (dram->channels == 0) return 0;
  __extension__ using Wide = unsigned __int128;
  Wide bytes_per_clock = Wide{dram->channels} * (dram->bus_bits / 8) * kTransfersPerClock;
  return static_cast<uint64_t>(bytes_per_clock * kPicosecondsPerSecond * dram->clock_ps_den /
                               dram->clock_ps_num);
}

void rdu_hw_dram_clock_ratio(const rdu_hw_arch* arch, const rdu_hw_dram* dram, uint32_t* out_clocks,
                             uint32_t* out_cycles) {
  ClockRatio ratio = clock_ratio(*arch, *dram);
  *out_clocks = static_cast<uint32_t>(ratio.clocks);
  *out_cycles = static_cast<uint32_t>(ratio.cycles);
}

void rdu_hw_arch_agcu_switch(const rdu_hw_arch* arch, uint32_t index, uint32_t* out_row,
                             uint32_t* out_column) {
  for (const Side& side : sides_of(*arch)) {
    if (index >= side.agcus) {
      index -= side.agcus;
      continue;
    }
    uint32_t at = (2 * index + 1) * side.switches / (2 * side.agcus);
    uint32_t last_row = rdu_hw_arch_mesh_rows(arch);
    uint32_t last_column = rdu_hw_arch_mesh_columns(arch);
    *out_row = is_vertical(side.edge) ? at : (side.edge == RDU_HW_EDGE_NORTH ? 0 : last_row);
    *out_column = is_vertical(side.edge) ? (side.edge == RDU_HW_EDGE_WEST ? 0 : last_column) : at;
    return;
  }
}

uint64_t rdu_hw_arch_hash(const rdu_hw_arch* arch) {
  constexpr uint64_t kBasis = 0xcbf29ce484222325u;
  constexpr uint64_t kPrime = 0x100000001b3u;
  const auto* bytes = reinterpret_cast<const unsigned char*>(arch);
  uint64_t hash = kBasis;
  for (size_t i = offsetof(rdu_hw_arch, clock_hz); i < sizeof *arch; ++i) {
    hash = (hash ^ bytes[i]) * kPrime;
  }
  return hash;
}
