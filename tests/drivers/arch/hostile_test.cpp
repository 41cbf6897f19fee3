// Any bytes at all: an answer, never a crash, and only whole chips get through.
#include <random>

#include "tests/drivers/arch/chips.hpp"

namespace {

// A text that parsed must be a chip in every respect.
void try_text(const std::string& text) {
  rdu_hw_arch arch = {};
  rdu_hw_arch_error error = {};
  rdu_hw_arch_code code = rdu_hw_arch_parse(text.data(), text.size(), nullptr, &arch, &error);
  if (code != RDU_HW_ARCH_OK) {
    REQUIRE(error.text[0] != '\0');
    REQUIRE(std::memchr(error.text, '\0', sizeof error.text) != nullptr);
    return;
  }
  REQUIRE(rdu_hw_arch_validate(&arch, nullptr) == RDU_HW_ARCH_OK);
  uint32_t row = 0, column = 0;
  rdu_hw_arch_agcu_switch(&arch, arch.agcu.count - 1, &row, &column);
  REQUIRE(row <= rdu_hw_arch_mesh_rows(&arch));
  REQUIRE(column <= rdu_hw_arch_mesh_columns(&arch));
  REQUIRE(rdu_hw_dram_rows(&arch.dram) >= 1);
}

}  // namespace

TEST_CASE("every truncation of a preset is refused") {
  std::string text = json(chip("sn40l"));
  for (size_t size = 0; size + 2 < text.size(); ++size) {
    rdu_hw_arch arch;
    REQUIRE(rdu_hw_arch_parse(text.data(), size, nullptr, &arch, nullptr) != RDU_HW_ARCH_OK);
  }
}

TEST_CASE("20000 mutations of presets are answered") {
  std::mt19937 random(20240131);  // the standard fixes its sequence; distributions it does not
  const std::string texts[] = {json(chip("sn40l")), rdu_hw_arch_preset_json("edge"),
                               R"({"extends": "plasticine", "pcu": {"lanes": 8}, "hbm": null})"};
  const std::string alphabet = "{}[]\",:0123456789.-eE\\ \n\x80\xff";
  for (int i = 0; i < 20'000; ++i) {
    // The short text, most of the time: it costs little and still meets every branch.
    std::string text = texts[i % 16 == 0 ? 0 : i % 16 == 1 ? 1 : 2];
    for (uint32_t edits = 1 + random() % 3; edits != 0; --edits) {
      size_t at = random() % text.size();
      char byte =
          random() % 4 == 0 ? static_cast<char>(random()) : alphabet[random() % alphabet.size()];
      switch (random() % 4) {
        case 0:
          text[at] = byte;
          break;
        case 1:
          text.insert(at, 1, byte);
          break;
        case 2:
          text.erase(at, 1 + random() % 8);
          break;
        default:
          text.insert(at, text.substr(random() % text.size(), random() % 32));
          break;
      }
      if (text.empty()) text = "{";
    }
    try_text(text);
  }
}

TEST_CASE("any bytes as a setting are answered") {
  std::mt19937 random(7);
  const rdu_hw_arch sn10 = chip("sn10");
  const std::string keys[] = {"pcu.lanes=", "dram.clock_ps=", "dram.address_map=", "pcu.dtypes=",
                              "pmu.bytes=", "name=",          "network.kind=",     ""};
  const std::string alphabet = "0123456789./,kKMGTiBHzfp32rodbachg= \x01\xff";
  for (int i = 0; i < 5'000; ++i) {
    std::string setting = keys[random() % std::size(keys)];
    for (uint32_t n = random() % 14; n != 0; --n) setting += alphabet[random() % alphabet.size()];
    rdu_hw_arch arch = sn10;
    const char* settings[] = {setting.c_str()};
    if (rdu_hw_arch_override(&arch, settings, 1, nullptr) == RDU_HW_ARCH_OK) {
      REQUIRE(rdu_hw_arch_validate(&arch, nullptr) == RDU_HW_ARCH_OK);
    } else {
      REQUIRE(same(arch, sn10));
    }
  }
}

TEST_CASE("a struct of any bytes is validated and printed") {
  std::mt19937 random(11);
  for (int i = 0; i < 200; ++i) {
    rdu_hw_arch arch = chip("sn40l");
    auto* bytes = reinterpret_cast<unsigned char*>(&arch);
    for (int edits = 0; edits < 4; ++edits) {
      bytes[random() % sizeof arch] = static_cast<unsigned char>(random());
    }
    rdu_hw_arch_error error = {};
    if (rdu_hw_arch_validate(&arch, &error) != RDU_HW_ARCH_OK) REQUIRE(error.text[0] != '\0');
  }
}
