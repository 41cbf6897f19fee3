// The manual's tables are what the library says; a stale README fails and the right tables are written beside it.
#include <cstdio>
#include <fstream>
#include <sstream>

#include "drivers/arch/amount.hpp"
#include "drivers/arch/fields.hpp"
#include "drivers/arch/value.hpp"
#include "tests/drivers/arch/chips.hpp"

namespace {

using namespace rdu_hw::arch;

std::string allowed(const Field& field) {
  std::string text = expectation(field);
  const std::string integer = "an integer from ";
  if (text.starts_with(integer)) text = text.substr(integer.size());
  return text;
}

std::string meanings() {
  std::string table = "| figure | meaning | value |\n|---|---|---|\n";
  for (const Field& field : fields()) {
    if (is_optional(field)) continue;
    table += "| `" + std::string(field.key) + "` | " + std::string(field.meaning) + " | " +
             allowed(field) + " |\n";
  }
  return table;
}

std::string values() {
  std::string table =
      "| figure | edge | plasticine | sara20 | sn10 | sn40l |\n|---|---|---|---|---|---|\n";
  std::vector<rdu_hw_arch> chips;
  for (const std::string& name : kPresetNames) chips.push_back(chip(name));
  for (const Field& field : fields()) {
    table += "| `" + std::string(field.key) + "` |";
    for (const rdu_hw_arch& arch : chips) {
      bool present = !is_optional(field) || has_hbm(arch);
      table += " " + (present ? plain_text(field, arch) : "-") + " |";
    }
    table += "\n";
  }
  return table;
}

// "12.29 T"; "-" for nothing.
std::string rounded(uint64_t number, double unit, const char* format) {
  char text[32];
  std::snprintf(text, sizeof text, format, static_cast<double>(number) / unit);
  return number == 0 ? "-" : text;
}

std::string peaks() {
  std::string table =
      "| | edge | plasticine | sara20 | sn10 | sn40l |\n|---|---|---|---|---|---|\n";
  auto row = [&](const char* title, auto&& cell) {
    table += "| " + std::string(title) + " |";
    for (const std::string& name : kPresetNames) table += " " + cell(chip(name)) + " |";
    table += "\n";
  };
  row("PCUs + PMUs", [](const rdu_hw_arch& a) {
    return std::to_string(rdu_hw_arch_num_pcus(&a)) + " + " +
           std::to_string(rdu_hw_arch_num_pmus(&a));
  });
  row("scratchpads",
      [](const rdu_hw_arch& a) { return format_amount(rdu_hw_arch_sram_bytes(&a), "B"); });
  row("peak fp32", [](const rdu_hw_arch& a) {
    return rounded(rdu_hw_arch_peak_flops(&a, RDU_HW_DTYPE_FP32), 1e12, "%.2f T");
  });
  row("peak bf16", [](const rdu_hw_arch& a) {
    return rounded(rdu_hw_arch_peak_flops(&a, RDU_HW_DTYPE_BF16), 1e12, "%.2f T");
  });
  row("DRAM", [](const rdu_hw_arch& a) {
    return rounded(rdu_hw_dram_peak_bytes_per_s(&a.dram), 1e9, "%.1f GB/s");
  });
  row("HBM", [](const rdu_hw_arch& a) {
    return rounded(rdu_hw_dram_peak_bytes_per_s(&a.hbm), 1e9, "%.1f GB/s");
  });
  return table;
}

std::string read_manual() {
  std::ifstream file(ARCH_SOURCE_DIR "/README.md");
  std::stringstream text;
  text << file.rdbuf();
  return text.str();
}

void check_holds(const std::string& table, const std::string& name) {
  std::string written = std::string(ARCH_BINARY_DIR) + "/" + name;
  bool holds = read_manual().find(table) != std::string::npos;
  if (!holds) std::ofstream(written) << table;
  INFO("drivers/arch/README.md must hold the table in " << written);
  CHECK(holds);
}

}  // namespace

TEST_CASE("the manual lists every figure with its meaning and range") {
  check_holds(meanings(), "meanings.md");
}

TEST_CASE("the manual lists every figure of every preset") { check_holds(values(), "values.md"); }

TEST_CASE("the manual lists what follows from the figures") { check_holds(peaks(), "peaks.md"); }

TEST_CASE("the manual's example is a chip") {
  std::string manual = read_manual();
  const std::string fence = "```json\n";
  size_t begin = manual.find(fence) + fence.size();
  rdu_hw_arch arch = {};
  REQUIRE(parse_answer(manual.substr(begin, manual.find("```", begin) - begin), &arch) == "0");
  CHECK(std::string(arch.name) == "half");
  CHECK(arch.pcu.lanes == 8);
}
