// Short ways to get a chip, its texts and a message.
#pragma once

#include <rdu_hw/arch.h>

#include <catch2/catch.hpp>
#include <cstring>
#include <string>
#include <vector>

inline const std::vector<std::string> kPresetNames = {"edge", "plasticine", "sara20", "sn10",
                                                      "sn40l"};

inline rdu_hw_arch chip(const std::string& name) {
  rdu_hw_arch arch;
  rdu_hw_arch_error error = {};
  rdu_hw_arch_code code = rdu_hw_arch_load(name.c_str(), &arch, &error);
  INFO(name << ": " << error.text);
  REQUIRE(code == RDU_HW_ARCH_OK);
  return arch;
}

inline bool same(const rdu_hw_arch& a, const rdu_hw_arch& b) {
  return std::memcmp(&a, &b, sizeof a) == 0;
}

inline std::string json(const rdu_hw_arch& arch) {
  std::string text(rdu_hw_arch_print_json(&arch, nullptr, 0), '\0');
  rdu_hw_arch_print_json(&arch, text.data(), text.size() + 1);
  return text;
}

// "5 message", or "0" when the text is a chip.
inline std::string parse_answer(const std::string& text, rdu_hw_arch* out = nullptr) {
  rdu_hw_arch arch;
  rdu_hw_arch_error error = {};
  rdu_hw_arch_code code = rdu_hw_arch_parse(text.data(), text.size(), nullptr, &arch, &error);
  if (code == RDU_HW_ARCH_OK && out != nullptr) *out = arch;
  return code == RDU_HW_ARCH_OK ? "0" : std::to_string(code) + " " + error.text;
}

inline std::string override_answer(rdu_hw_arch& arch, const std::vector<const char*>& settings) {
  rdu_hw_arch_error error = {};
  rdu_hw_arch_code code = rdu_hw_arch_override(&arch, settings.data(), settings.size(), &error);
  return code == RDU_HW_ARCH_OK ? "0" : std::to_string(code) + " " + error.text;
}

inline std::string replaced(std::string text, const std::string& from, const std::string& to) {
  size_t at = text.find(from);
  REQUIRE(at != std::string::npos);
  return text.replace(at, from.size(), to);
}
