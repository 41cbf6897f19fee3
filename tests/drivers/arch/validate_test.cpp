// Figures that contradict each other, and structs that no parser has seen.
#include <functional>

#include "tests/drivers/arch/chips.hpp"

namespace {

std::string changed(const char* preset, const std::vector<const char*>& settings) {
  rdu_hw_arch arch = chip(preset);
  rdu_hw_arch before = arch;
  std::string answer = override_answer(arch, settings);
  if (answer != "0") CHECK(same(arch, before));
  return answer;
}

std::string validate_answer(const rdu_hw_arch& arch) {
  rdu_hw_arch_error error = {};
  rdu_hw_arch_code code = rdu_hw_arch_validate(&arch, &error);
  return code == RDU_HW_ARCH_OK ? "0" : std::to_string(code) + " " + error.text;
}

}  // namespace

TEST_CASE("units must fit together") {
  CHECK(changed("sn10", {"pcu.lanes=12"}) == "7 pcu.lanes: expected a power of two, got 12");
  CHECK(changed("sn10", {"pmu.banks=12"}) == "7 pmu.banks: expected a power of two, got 12");
  CHECK(changed("sn10", {"pmu.bytes=1025"}) ==
        "7 pmu.bytes: expected a multiple of 64, a word of each bank, got 1025");
  CHECK(changed("sn10", {"pcu.systolic_rows=0"}) ==
        "7 pcu.systolic_columns: expected 0 exactly where pcu.systolic_rows is, which is 0, got 6");
  CHECK(changed("sn10", {"pcu.systolic_rows=0", "pcu.systolic_columns=0"}) == "0");
  CHECK(changed("sn10", {"pcu.dtypes="}) ==
        "7 pcu.dtypes: expected at least one number format, got none");
  CHECK(changed("sn10", {"pcu.dtypes=fp32"}) ==
        "7 pcu.bf16_per_word: expected 1 without bf16 among pcu.dtypes, got 2");
  CHECK(changed("plasticine", {"grid.rows=1", "grid.columns=1", "agcu.count=2"}) ==
        "7 grid: expected 2 to 16384 units, got 1");
  CHECK(changed("plasticine", {"grid.rows=128", "grid.tile_rows=16", "grid.columns=9"}) ==
        "7 grid: expected 2 to 16384 units, got 18432");
}

TEST_CASE("the edges must hold the AGCUs") {
  CHECK(changed("plasticine", {"agcu.count=35"}) ==
        "7 agcu.count: expected at most 17 on a side, a switch for each, got 18 of 35");
  CHECK(changed("plasticine", {"agcu.count=35", "agcu.edges=west,east,south"}) ==
        "7 agcu.count: expected at most 9 on a side, a switch for each, got 11 of 35");
  CHECK(changed("plasticine", {"agcu.edges="}) ==
        "7 agcu.edges: expected at least one side, got none");
}

TEST_CASE("DRAM must be made of whole rows and bursts") {
  CHECK(changed("plasticine", {"dram.capacity_bytes=5000000"}) ==
        "7 dram.capacity_bytes: expected a multiple of 524288, channels x ranks x bank_groups x "
        "banks x row_bytes, got 5000000");
  CHECK(changed("plasticine", {"dram.channels=8"}) == "0");
  CHECK(changed("plasticine", {"dram.row_bytes=100"}) ==
        "7 dram.row_bytes: expected a multiple of the 64 bytes of a burst, got 100");
  CHECK(changed("plasticine", {"dram.bus_bits=12"}) ==
        "7 dram.bus_bits: expected a multiple of 8, got 12");
  CHECK(changed("plasticine", {"dram.burst_length=7"}) ==
        "7 dram.burst_length: expected an even number, two per clock, got 7");
  CHECK(changed("plasticine", {"dram.clock_ps=9"}) ==
        "7 dram.clock_ps: expected at least 10 ps, got 9/1");
  CHECK(changed("plasticine", {"dram.ranks=16"}) ==
        "7 dram.banks: expected ranks x bank_groups x banks of at most 64, got 128");
  CHECK(changed("plasticine", {"clock_hz=1234567890"}) ==
        "7 dram.clock_ps: expected a simple ratio to clock_hz, of numbers up to 1048576, got "
        "80000000/123456789");
  CHECK(changed("plasticine", {"dram.capacity_bytes=1024TiB", "dram.channels=1", "dram.banks=1",
                               "dram.row_bytes=64"}) ==
        "7 dram.capacity_bytes: expected at most 4294967296 rows in a bank, got 17592186044416");
}

TEST_CASE("DRAM timings must not contradict each other") {
  auto timing = [](const char* setting) { return changed("sn10", {setting}); };
  CHECK(timing("dram.timing.refi=1000") ==  // 880 + 74 + 22 + 24
        "7 dram.timing.refi: expected at least 1001, more than rfc + rc + rp + wr, got 1000");
  CHECK(timing("dram.timing.refi=1001") == "0");
  CHECK(timing("dram.timing.ccd_s=3") ==
        "7 dram.timing.ccd_s: expected at least 4, the clocks of a burst, got 3");
  CHECK(timing("dram.timing.ccd_l=3") ==
        "7 dram.timing.ccd_l: expected at least 4, as ccd_s, got 3");
  CHECK(timing("dram.timing.rrd_l=3") ==
        "7 dram.timing.rrd_l: expected at least 4, as rrd_s, got 3");
  CHECK(timing("dram.timing.wtr_l=3") ==
        "7 dram.timing.wtr_l: expected at least 4, as wtr_s, got 3");
  CHECK(timing("dram.timing.faw=3") == "7 dram.timing.faw: expected at least 4, as rrd_s, got 3");
  CHECK(timing("dram.timing.ras=21") == "7 dram.timing.ras: expected at least 22, as rcd, got 21");
  CHECK(timing("dram.timing.rc=51") == "7 dram.timing.rc: expected at least 52, as ras, got 51");
  CHECK(changed("sn40l", {"hbm.timing.refi=400"}).substr(0, 18) == "7 hbm.timing.refi:");
}

TEST_CASE("a struct filled by hand is checked in full") {
  const std::vector<std::pair<const char*, std::function<void(rdu_hw_arch&)>>> mistakes = {
      {"6 name: expected 1 to 31 letters, digits or ._+-, got \"\"",
       [](rdu_hw_arch& a) { a.name[0] = '\0'; }},
      {"6 name: expected 1 to 31 letters, digits or ._+-, got \"sn1\"",
       [](rdu_hw_arch& a) { a.name[3] = '\0', a.name[4] = 'x'; }},
      {"6 clock_hz: expected an integer from 1 MHz to 10 GHz, got 0 Hz",
       [](rdu_hw_arch& a) { a.clock_hz = 0; }},
      {"6 grid.pattern: expected checkerboard, got 7", [](rdu_hw_arch& a) { a.grid.pattern = 7; }},
      {"6 network.kind: expected one of ideal, routed, got 2",
       [](rdu_hw_arch& a) { a.network.kind = 2; }},
      {"6 dram.clock_ps: expected picoseconds from 1 to 1000000, or a fraction such as "
       "\"2500/3\", got 1250/2 ps",
       [](rdu_hw_arch& a) { a.dram.clock_ps_num = 1250, a.dram.clock_ps_den = 2; }},
      {"6 dram.address_map: expected an order of ro, ra, ba, bg, co, ch such as \"rorabacobgch\", "
       "got roracocobgch",
       [](rdu_hw_arch& a) { a.dram.address_map[2] = RDU_HW_MAP_COLUMN; }},
      {"6 hbm.channels: expected 1 or more, or a tier of zeros, got 0",
       [](rdu_hw_arch& a) { a.hbm.ranks = 1; }},
      {"6 reserved: expected 0, got 1", [](rdu_hw_arch& a) { a.pmu.reserved = 1; }},
  };
  CHECK(validate_answer(chip("sn10")) == "0");
  for (const auto& [message, mistake] : mistakes) {
    rdu_hw_arch arch = chip("sn10");
    mistake(arch);
    CHECK(validate_answer(arch) == message);
  }
  rdu_hw_arch dtypes = chip("sn10");
  dtypes.pcu.dtypes |= 0x8000'0000u;
  CHECK(validate_answer(dtypes).substr(0, 13) == "6 pcu.dtypes:");
}

TEST_CASE("arguments that are NULL are errors, too") {
  rdu_hw_arch arch = chip("edge");
  rdu_hw_arch_error error;
  CHECK(rdu_hw_arch_load(nullptr, &arch, &error) == RDU_HW_ARCH_ERR_ARGUMENT);
  CHECK(std::string(error.text) == "name_or_path is NULL");
  CHECK(rdu_hw_arch_load("edge", nullptr, nullptr) == RDU_HW_ARCH_ERR_ARGUMENT);
  CHECK(rdu_hw_arch_parse(nullptr, 0, nullptr, &arch, &error) == RDU_HW_ARCH_ERR_ARGUMENT);
  CHECK(rdu_hw_arch_override(&arch, nullptr, 1, &error) == RDU_HW_ARCH_ERR_ARGUMENT);
  CHECK(rdu_hw_arch_override(&arch, nullptr, 0, &error) == RDU_HW_ARCH_OK);
  CHECK(rdu_hw_arch_validate(nullptr, &error) == RDU_HW_ARCH_ERR_ARGUMENT);
  CHECK(rdu_hw_arch_preset_json(nullptr) == nullptr);
}
