// Presets, with settings.
#pragma once

#include <rdu_hw/arch.h>

#include <stdexcept>
#include <string>
#include <vector>

namespace rdu_test {

inline rdu_hw_arch chip(const char* preset, const std::vector<std::string>& settings = {}) {
  rdu_hw_arch arch;
  rdu_hw_arch_error error = {};
  std::vector<const char*> texts;
  for (const std::string& setting : settings) texts.push_back(setting.c_str());
  if (rdu_hw_arch_load(preset, &arch, &error) != RDU_HW_ARCH_OK ||
      rdu_hw_arch_override(&arch, texts.data(), texts.size(), &error) != RDU_HW_ARCH_OK) {
    throw std::runtime_error(error.text);
  }
  return arch;
}

}  // namespace rdu_test
