// Design sweeps: a chip that extends another, and settings from a command line.
#include "tests/drivers/arch/chips.hpp"

TEST_CASE("a chip may extend a preset and change what it likes") {
  rdu_hw_arch mine = {};
  REQUIRE(parse_answer(R"({"extends": "plasticine", "pcu": {"lanes": 8}})", &mine) == "0");
  CHECK(std::string(mine.name) == "plasticine+");
  rdu_hw_arch expected = chip("plasticine");
  expected.pcu.lanes = 8;
  std::memcpy(expected.name, mine.name, sizeof expected.name);
  CHECK(same(mine, expected));

  REQUIRE(parse_answer(R"({"name": "wide", "extends": "sn10", "about": "a sweep",
                           "clock_hz": 1e9, "pmu": {"bytes": "1MiB"},
                           "dram": {"clock_ps": "2500/3"},
                           "pcu": {"dtypes": "fp32,bf16", "lanes": {"value": 32, "source": "me"}}})",
                       &mine) == "0");
  CHECK(std::string(mine.name) == "wide");
  CHECK(mine.clock_hz == 1'000'000'000);
  CHECK(mine.pmu.bytes == 1u << 20);
  CHECK(mine.pcu.lanes == 32);
  CHECK(mine.pcu.dtypes == (RDU_HW_DTYPE_FP32 | RDU_HW_DTYPE_BF16));
  CHECK(mine.dram.clock_ps_num == 2500);
  CHECK(mine.dram.clock_ps_den == 3);
  CHECK(mine.agcu.count == 64);
}

TEST_CASE("a second tier is inherited, removed, or given whole") {
  rdu_hw_arch arch = {};
  REQUIRE(parse_answer(R"({"extends": "sn40l", "hbm": {"channels": 16}})", &arch) == "0");
  CHECK(arch.hbm.channels == 16);
  REQUIRE(parse_answer(R"({"extends": "sn40l", "hbm": null})", &arch) == "0");
  CHECK(arch.hbm.channels == 0);
  const rdu_hw_dram none = {};
  CHECK(std::memcmp(&arch.hbm, &none, sizeof none) == 0);
  CHECK(parse_answer(R"({"extends": "sn10", "hbm": {"channels": 16}})") ==
        "5 hbm.standard: missing, expected 1 to 31 letters, digits or ._+- (name of the standard "
        "and speed, for people); 29 more are missing");
  std::string full = json(chip("sn40l"));
  std::string hbm = full.substr(full.find("\"hbm\""), full.find("\"load\"") - full.find("\"hbm\""));
  REQUIRE(parse_answer("{\"extends\": \"sn10\", " + hbm + "\"name\": \"sn10hbm\"}", &arch) == "0");
  rdu_hw_arch sn40l = chip("sn40l");
  CHECK(std::memcmp(&arch.hbm, &sn40l.hbm, sizeof arch.hbm) == 0);
}

TEST_CASE("what cannot be extended is an error") {
  CHECK(parse_answer(R"({"extends": "sn11"})") ==
        "2 no preset \"sn11\"; did you mean \"sn10\"? There are edge, plasticine, sara20, sn10, "
        "sn40l, or give the path "
        "of a .json file");
  CHECK(parse_answer(R"({"extends": "../x.json"})") ==
        "6 extends: expected the name of a preset, got \"../x.json\"");
  CHECK(parse_answer(R"({"extends": 5})") == "6 extends: expected a string, got 5");
}

TEST_CASE("settings change figures of every kind") {
  rdu_hw_arch arch = chip("sn10");
  REQUIRE(override_answer(
              arch, {"pcu.lanes=8", "pmu.bytes=256KiB", "network.kind=ideal", "clock_hz=1.4GHz",
                     "dram.clock_ps=2500/3", "dram.address_map=rochrababgco",
                     "dram.standard=DDR4-2400", "pcu.tail_functions=exp,tanh"}) == "0");
  CHECK(std::string(arch.name) == "sn10+");
  CHECK(arch.pcu.lanes == 8);
  CHECK(arch.pmu.bytes == 262144);
  CHECK(arch.network.kind == RDU_HW_NETWORK_IDEAL);
  CHECK(arch.clock_hz == 1'400'000'000);
  CHECK(arch.dram.clock_ps_num == 2500);
  CHECK(arch.dram.clock_ps_den == 3);
  CHECK(arch.dram.address_map[1] == RDU_HW_MAP_CHANNEL);
  CHECK(std::string(arch.dram.standard) == "DDR4-2400");
  CHECK(arch.pcu.tail_functions == (RDU_HW_FN_EXP | RDU_HW_FN_TANH));
  REQUIRE(override_answer(arch, {"pcu.lanes=4"}) == "0");
  CHECK(std::string(arch.name) == "sn10+");
}

TEST_CASE("a chip keeps its name when nothing changes, or takes the one that it is given") {
  rdu_hw_arch arch = chip("sn10");
  REQUIRE(override_answer(arch, {"pcu.lanes=16"}) == "0");
  CHECK(same(arch, chip("sn10")));
  REQUIRE(override_answer(arch, {"name=half", "pcu.lanes=8"}) == "0");
  CHECK(std::string(arch.name) == "half");
  std::string long_name = "name=" + std::string(31, 'x');
  REQUIRE(override_answer(arch, {long_name.c_str()}) == "0");
  REQUIRE(override_answer(arch, {"pcu.lanes=4"}) == "0");
  CHECK(std::string(arch.name) == std::string(30, 'x') + "+");
}

TEST_CASE("figures that depend on each other change in one call") {
  rdu_hw_arch arch = chip("edge");
  CHECK(override_answer(arch, {"dram.bus_bits=16"}) == "0");
  CHECK(override_answer(arch, {"pmu.banks=32", "pmu.bytes=96KiB"}) == "0");
  CHECK(override_answer(arch, {"grid.rows=8", "agcu.count=18"}) == "0");
}

TEST_CASE("the settings of design sweeps are legal on every preset") {
  for (const std::string& name : kPresetNames) {
    for (const char* setting :
         {"pcu.lanes=8", "pcu.lanes=32", "pcu.stages=4", "pmu.bytes=1MiB", "pmu.banks=32",
          "network.kind=ideal", "network.vector_links=4", "dram.channels=2", "clock_hz=1GHz"}) {
      rdu_hw_arch arch = chip(name);
      INFO(name << " " << setting);
      CHECK(override_answer(arch, {setting}) == "0");
    }
  }
}

TEST_CASE("settings that are wrong say so and change nothing") {
  rdu_hw_arch arch = chip("sn10");
  CHECK(override_answer(arch, {"pcu.lane=8"}) ==
        "5 unknown key \"pcu.lane\"; did you mean \"pcu.lanes\"?");
  CHECK(override_answer(arch, {"pcu.lanes"}) ==
        "1 expected key=value such as pcu.lanes=8, got \"pcu.lanes\"");
  CHECK(override_answer(arch, {"pcu.lanes=eight"}) ==
        "6 pcu.lanes: expected an integer from 1 to 64, got \"eight\"");
  CHECK(override_answer(arch, {"pcu.stages=4", "pcu.lanes="}) ==
        "6 pcu.lanes: expected an integer from 1 to 64, got \"\"");
  CHECK(override_answer(arch, {"pcu=8"}).substr(0, 20) == "5 unknown key \"pcu\"");
  CHECK(override_answer(arch, {"hbm.channels=8"}) ==
        "5 hbm.channels: this chip has no such memory tier to change");
  CHECK(override_answer(arch, {nullptr}) == "1 a setting is NULL");
  CHECK(same(arch, chip("sn10")));
}
