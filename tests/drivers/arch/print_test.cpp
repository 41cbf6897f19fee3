// Out and in again: the same bytes; and a table that tells what matters.
#include "tests/drivers/arch/chips.hpp"

TEST_CASE("parsing what was printed yields the same bytes, and printing that the same text") {
  std::vector<rdu_hw_arch> chips;
  for (const std::string& name : kPresetNames) chips.push_back(chip(name));
  rdu_hw_arch odd = chip("sn40l");
  REQUIRE(override_answer(odd, {"dram.clock_ps=2500/3", "hbm.address_map=chcobgbararo",
                                "pcu.tail_functions=", "name=A.b_c-d+"}) == "0");
  chips.push_back(odd);
  for (const rdu_hw_arch& arch : chips) {
    INFO(arch.name);
    rdu_hw_arch again = {};
    REQUIRE(parse_answer(json(arch), &again) == "0");
    CHECK(same(arch, again));
    CHECK(json(again) == json(arch));
  }
}

TEST_CASE("JSON is nested, indented and without sources") {
  std::string text = json(chip("plasticine"));
  CHECK(text.starts_with(
      "{\n  \"name\": \"plasticine\",\n  \"clock_hz\": 1000000000,\n  \"grid\": {\n    "
      "\"tile_rows\": 1,\n"));
  CHECK(text.find("    \"ports\": {\n      \"scalar_in\": 6,\n") != std::string::npos);
  CHECK(text.find("source") == std::string::npos);
  CHECK(text.find("hbm") == std::string::npos);
  CHECK(text.ends_with("\n    \"argument_cycles\": 1000\n  }\n}\n"));
}

TEST_CASE("the table begins with what one wants to know first") {
  auto head = [](const char* name) {
    rdu_hw_arch arch = chip(name);
    std::string text(rdu_hw_arch_print_table(&arch, nullptr, 0), '\0');
    rdu_hw_arch_print_table(&arch, text.data(), text.size() + 1);
    size_t second = text.find('\n', text.find('\n') + 1);
    return text.substr(0, text.find('\n', second + 1));
  };
  CHECK(head("plasticine") ==
        "plasticine\n64 PCUs and 64 PMUs in a mesh of 16 x 8, 153 switches, 34 AGCUs\n"
        "peak 12.29 TFLOPS fp32, DRAM 51.20 GB/s; SRAM 16 MiB");
  CHECK(head("sn40l") ==
        "sn40l\n1040 PCUs and 1040 PMUs in a mesh of 40 x 52, 2173 switches, 80 AGCUs\n"
        "peak 319.49 TFLOPS fp32, 638.98 TFLOPS bf16, DRAM 153.60 GB/s, HBM 1.64 TB/s; SRAM 520 "
        "MiB");
}

TEST_CASE("printing truncates as snprintf does") {
  rdu_hw_arch arch = chip("edge");
  std::string whole = json(arch);
  char small[8];
  std::memset(small, 'x', sizeof small);
  CHECK(rdu_hw_arch_print_json(&arch, small, sizeof small) == whole.size());
  CHECK(std::string(small) == whole.substr(0, 7));
  char none = 'x';
  CHECK(rdu_hw_arch_print_json(&arch, &none, 0) == whole.size());
  CHECK(none == 'x');
  CHECK(rdu_hw_arch_print_table(&arch, &none, 1) > 1000);
  CHECK(none == '\0');
}
