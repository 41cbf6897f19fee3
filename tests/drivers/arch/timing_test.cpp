// DRAM timings from the nanoseconds of the JEDEC standards, rounded up to clocks as the standards say.
#include <algorithm>

#include "tests/drivers/arch/chips.hpp"

namespace {

// Picoseconds in clocks, rounded up, but at least `least` clocks.
uint32_t clocks(const rdu_hw_dram& dram, uint64_t ps, uint32_t least = 1) {
  uint64_t scaled = ps * dram.clock_ps_den;
  return std::max(least,
                  static_cast<uint32_t>((scaled + dram.clock_ps_num - 1) / dram.clock_ps_num));
}

struct Nanoseconds {  // in picoseconds
  uint64_t ras, rrd_s, rrd_l, faw, wr, wtr_s, wtr_l, rtp, rfc, refi;
  uint32_t least_rrd, least_faw;
};

void check_common(const rdu_hw_dram& dram, const Nanoseconds& ns) {
  const rdu_hw_dram_timing& t = dram.timing;
  CHECK(t.ras == clocks(dram, ns.ras));
  CHECK(t.rrd_s == clocks(dram, ns.rrd_s, ns.least_rrd));
  CHECK(t.rrd_l == clocks(dram, ns.rrd_l, ns.least_rrd));
  CHECK(t.faw == clocks(dram, ns.faw, ns.least_faw));
  CHECK(t.wr == clocks(dram, ns.wr));
  CHECK(t.wtr_s == clocks(dram, ns.wtr_s, 2));
  CHECK(t.wtr_l == clocks(dram, ns.wtr_l, 4));
  CHECK(t.rtp == clocks(dram, ns.rtp, 4));
  CHECK(t.rfc == clocks(dram, ns.rfc));
  CHECK(t.refi <= clocks(dram, ns.refi));
  CHECK(t.refi + 3 >= clocks(dram, ns.refi));
}

// DDR3 and DDR4: the bus turns around after the burst and two clocks of preamble.
void check_ddr(const rdu_hw_dram& dram, uint32_t cl_rcd_rp, uint32_t cwl, uint32_t ccd_s,
               uint32_t ccd_l) {
  const rdu_hw_dram_timing& t = dram.timing;
  CHECK(t.cl == cl_rcd_rp);
  CHECK(t.rcd == cl_rcd_rp);
  CHECK(t.rp == cl_rcd_rp);
  CHECK(t.cwl == cwl);
  CHECK(t.rc == t.ras + t.rp);
  CHECK(t.ccd_s == ccd_s);
  CHECK(t.ccd_l == ccd_l);
  CHECK(t.rtw == t.cl + dram.burst_length / 2 + 2 - t.cwl);
  CHECK(t.rtrs == 1);
}

}  // namespace

TEST_CASE("plasticine has DDR3-1600 11-11-11, 8 Gb x8 with 2 KB pages") {
  rdu_hw_dram dram = chip("plasticine").dram;
  check_ddr(dram, 11, 8, 4, 4);
  check_common(
      dram, {35'000, 7'500, 7'500, 40'000, 15'000, 7'500, 7'500, 7'500, 350'000, 7'800'000, 4, 1});
}

TEST_CASE("sara20 has DDR4-2666 19-19-19, 8 Gb x8") {
  rdu_hw_dram dram = chip("sara20").dram;
  check_ddr(dram, 19, 14, 4, 7);
  check_common(
      dram, {32'000, 3'000, 4'900, 21'000, 15'000, 2'500, 7'500, 7'500, 350'000, 7'800'000, 4, 20});
}

TEST_CASE("sn10 and sn40l have DDR4-3200 22-22-22, 16 Gb x4") {
  for (const char* name : {"sn10", "sn40l"}) {
    rdu_hw_dram dram = chip(name).dram;
    INFO(name);
    check_ddr(dram, 22, 16, 4, 8);
    check_common(dram, {32'000, 2'500, 4'900, 10'000, 15'000, 2'500, 7'500, 7'500, 550'000,
                        7'800'000, 4, 16});
  }
}

TEST_CASE("edge has LPDDR4-3200, 8 Gb a die") {
  rdu_hw_dram dram = chip("edge").dram;
  const rdu_hw_dram_timing& t = dram.timing;
  check_common(dram, {42'000, 10'000, 10'000, 40'000, 18'000, 10'000, 10'000, 7'500, 280'000,
                      3'904'000, 4, 1});
  const uint32_t read_latency = 28, strobe = clocks(dram, 3'500), write_latency = 14, preamble = 2;
  CHECK(t.cl == read_latency + strobe);
  const uint32_t strobe_to_clock = 1;
  CHECK(t.cwl == write_latency + strobe_to_clock);
  CHECK(t.rcd == clocks(dram, 18'000));
  CHECK(t.rp == clocks(dram, 18'000));
  CHECK(t.rc == t.ras + t.rp);
  CHECK(t.ccd_s == dram.burst_length / 2);
  CHECK(t.ccd_l == dram.burst_length / 2);
  CHECK(t.rtw == read_latency + strobe + dram.burst_length / 2 + preamble - write_latency);
}

TEST_CASE("the HBM of sn40l has the nanoseconds of HBM2 at a faster clock") {
  rdu_hw_dram hbm = chip("sn40l").hbm;
  const rdu_hw_dram_timing& t = hbm.timing;
  check_common(
      hbm, {34'000, 4'000, 6'000, 30'000, 16'000, 6'000, 8'000, 6'000, 260'000, 3'900'000, 1, 1});
  CHECK(t.cl == clocks(hbm, 14'000));
  CHECK(t.cwl == clocks(hbm, 4'000));
  CHECK(t.rcd == clocks(hbm, 14'000));
  CHECK(t.rp == clocks(hbm, 14'000));
  CHECK(t.rc == t.ras + t.rp);
  CHECK(t.ccd_s == hbm.burst_length / 2);
  CHECK(t.ccd_l == clocks(hbm, 2'000));
  CHECK(t.rtw == t.cl + hbm.burst_length / 2 + 2 - t.cwl);
}
