// Peaks in closed form against the published ones; units counted and AGCUs placed.
#include <set>
#include <type_traits>

#include "tests/drivers/arch/chips.hpp"

static_assert(std::has_unique_object_representations_v<rdu_hw_arch>,
              "two chips are equal when their bytes are");

TEST_CASE("units, scratchpads and rows add up to what is published") {
  rdu_hw_arch plasticine = chip("plasticine"), sara20 = chip("sara20"), sn10 = chip("sn10"),
              sn40l = chip("sn40l"), edge = chip("edge");
  CHECK(rdu_hw_arch_num_pcus(&plasticine) == 64);
  CHECK(rdu_hw_arch_num_pmus(&plasticine) == 64);
  CHECK(rdu_hw_arch_num_switches(&plasticine) == 17 * 9);
  CHECK(rdu_hw_arch_sram_bytes(&plasticine) == 16u << 20);
  CHECK(rdu_hw_arch_num_pcus(&sara20) == 200);
  CHECK(rdu_hw_arch_num_pmus(&sara20) == 200);
  CHECK(rdu_hw_arch_num_pcus(&sn10) == 640);
  CHECK(rdu_hw_arch_num_pmus(&sn10) == 640);
  CHECK(rdu_hw_arch_sram_bytes(&sn10) == 320u << 20);
  CHECK(rdu_hw_arch_num_pcus(&sn40l) == 1040);
  CHECK(rdu_hw_arch_num_pmus(&sn40l) == 1040);
  CHECK(rdu_hw_arch_sram_bytes(&sn40l) == 520u << 20);
  CHECK(rdu_hw_arch_num_pcus(&edge) == 8);
  CHECK(rdu_hw_arch_sram_bytes(&edge) == 512u << 10);
  CHECK(rdu_hw_dram_rows(&plasticine.dram) == 65536);  // 8 Gb x8 DDR3
  CHECK(rdu_hw_dram_rows(&sara20.dram) == 65536);      // 8 Gb x8 DDR4
  CHECK(rdu_hw_dram_rows(&sn10.dram) == 2 * 262144);   // two 16 Gb x4 DDR4 in a stack
  CHECK(rdu_hw_dram_rows(&edge.dram) == 65536);        // 8 Gb x16 LPDDR4
}

TEST_CASE("a vector and a burst are 64 bytes on every preset") {
  for (const std::string& name : kPresetNames) {
    rdu_hw_arch arch = chip(name);
    INFO(name);
    CHECK(rdu_hw_arch_vector_bytes(&arch) == 64);
    CHECK(rdu_hw_dram_burst_bytes(&arch.dram) == 64);
    if (arch.hbm.channels != 0) CHECK(rdu_hw_dram_burst_bytes(&arch.hbm) == 64);
  }
}

TEST_CASE("peak arithmetic") {
  rdu_hw_arch plasticine = chip("plasticine"), sara20 = chip("sara20"), sn10 = chip("sn10"),
              sn40l = chip("sn40l");
  CHECK(rdu_hw_arch_peak_flops(&plasticine, RDU_HW_DTYPE_FP32) == 12'288'000'000'000);
  CHECK(rdu_hw_arch_peak_flops(&plasticine, RDU_HW_DTYPE_INT32) == 12'288'000'000'000);
  CHECK(rdu_hw_arch_peak_flops(&plasticine, RDU_HW_DTYPE_BF16) == 0);
  CHECK(rdu_hw_arch_peak_flops(&sara20, RDU_HW_DTYPE_FP32) == 38'400'000'000'000);
  double sn10_tera = static_cast<double>(rdu_hw_arch_peak_flops(&sn10, RDU_HW_DTYPE_BF16)) / 1e12;
  double sn40l_tera = static_cast<double>(rdu_hw_arch_peak_flops(&sn40l, RDU_HW_DTYPE_BF16)) / 1e12;
  CHECK(sn10_tera == Approx(325).epsilon(0.005));
  CHECK(sn40l_tera == Approx(638).epsilon(0.005));
  CHECK(rdu_hw_arch_peak_flops(&sn10, RDU_HW_DTYPE_FP32) * 2 ==
        rdu_hw_arch_peak_flops(&sn10, RDU_HW_DTYPE_BF16));
  REQUIRE(override_answer(sara20, {"pcu.systolic_rows=16", "pcu.systolic_columns=16"}) == "0");
  CHECK(rdu_hw_arch_peak_flops(&sara20, RDU_HW_DTYPE_FP32) == 102'400'000'000'000);
}

namespace {

uint64_t peak(const rdu_hw_dram& dram) { return rdu_hw_dram_peak_bytes_per_s(&dram); }

}  // namespace

TEST_CASE("peak bandwidth") {
  CHECK(peak(chip("plasticine").dram) == 51'200'000'000);
  CHECK(peak(chip("sara20").dram) == 128'000'000'000);
  CHECK(peak(chip("sn10").dram) == 153'600'000'000);
  CHECK(peak(chip("edge").dram) == 12'800'000'000);
  CHECK(peak(chip("sn40l").hbm) == 1'638'400'000'000);
  CHECK(peak(chip("sn10").hbm) == 0);
  rdu_hw_arch third = chip("edge");  // 1.2 GHz, whose period is no integer
  REQUIRE(override_answer(third, {"dram.clock_ps=2500/3"}) == "0");
  CHECK(peak(third.dram) == 9'600'000'000);
}

TEST_CASE("the clocks of DRAM and chip meet in exact ratios") {
  auto ratio = [](const rdu_hw_arch& arch, const rdu_hw_dram& dram) {
    uint32_t clocks = 0, cycles = 0;
    rdu_hw_dram_clock_ratio(&arch, &dram, &clocks, &cycles);
    return std::pair(clocks, cycles);
  };
  rdu_hw_arch plasticine = chip("plasticine"), sara20 = chip("sara20"), sn10 = chip("sn10"),
              sn40l = chip("sn40l"), edge = chip("edge");
  CHECK(ratio(plasticine, plasticine.dram) == std::pair(4u, 5u));  // 800 MHz, 1 GHz
  CHECK(ratio(sara20, sara20.dram) == std::pair(4u, 3u));          // 1333 MHz, 1 GHz
  CHECK(ratio(sn10, sn10.dram) == std::pair(40u, 33u));            // 1600 MHz, 1320 MHz
  CHECK(ratio(sn40l, sn40l.hbm) == std::pair(4u, 3u));             // 1600 MHz, 1200 MHz
  CHECK(ratio(edge, edge.dram) == std::pair(2u, 1u));              // 1600 MHz, 800 MHz
}

namespace {

using Place = std::pair<uint32_t, uint32_t>;

std::vector<Place> places(const rdu_hw_arch& arch) {
  std::vector<Place> all;
  for (uint32_t i = 0; i < arch.agcu.count; ++i) {
    Place at = {99999, 99999};
    rdu_hw_arch_agcu_switch(&arch, i, &at.first, &at.second);
    all.push_back(at);
  }
  return all;
}

}  // namespace

TEST_CASE("plasticine has an AGCU at each switch of its two long sides") {
  std::vector<Place> expected;
  for (uint32_t column : {0u, 8u}) {
    for (uint32_t row = 0; row <= 16; ++row) expected.push_back({row, column});
  }
  CHECK(places(chip("plasticine")) == expected);
}

TEST_CASE("AGCUs are dealt to the sides and spread along them") {
  rdu_hw_arch arch = chip("edge");  // 5 x 5 switches
  REQUIRE(override_answer(arch, {"agcu.edges=west,east,north,south", "agcu.count=6"}) == "0");
  CHECK(places(arch) == std::vector<Place>{{1, 0}, {3, 0}, {1, 4}, {3, 4}, {0, 2}, {4, 2}});
  REQUIRE(override_answer(arch, {"agcu.edges=south", "agcu.count=5"}) == "0");
  CHECK(places(arch) == std::vector<Place>{{4, 0}, {4, 1}, {4, 2}, {4, 3}, {4, 4}});
}

TEST_CASE("no two AGCUs of a preset share a switch, and all are on the edge") {
  for (const std::string& name : kPresetNames) {
    rdu_hw_arch arch = chip(name);
    std::vector<Place> all = places(arch);
    INFO(name);
    CHECK(std::set<Place>(all.begin(), all.end()).size() == arch.agcu.count);
    for (auto [row, column] : all) {
      CHECK(row <= rdu_hw_arch_mesh_rows(&arch));
      CHECK((column == 0 || column == rdu_hw_arch_mesh_columns(&arch)));
    }
  }
}

TEST_CASE("the hash tells chips apart by any figure, not by name") {
  std::set<uint64_t> hashes;
  for (const std::string& name : kPresetNames) {
    rdu_hw_arch arch = chip(name);
    hashes.insert(rdu_hw_arch_hash(&arch));
    rdu_hw_arch renamed = arch;
    REQUIRE(override_answer(renamed, {"name=other"}) == "0");
    CHECK(rdu_hw_arch_hash(&renamed) == rdu_hw_arch_hash(&arch));
    rdu_hw_arch last = arch;
    REQUIRE(override_answer(last, {"load.argument_cycles=1"}) == "0");
    CHECK(rdu_hw_arch_hash(&last) != rdu_hw_arch_hash(&arch));
  }
  CHECK(hashes.size() == kPresetNames.size());
}
