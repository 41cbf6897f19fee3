// What the emulator reports, as the driver's records.
#pragma once

#include <rdu_hw/driver.h>

#include <string>
#include <vector>

#include "drivers/emu/chip/chip.hpp"

namespace rdu_hw::emu {

struct Counters {
  std::uint64_t cycles = 0;
  std::uint64_t setup_cycles = 0;
  std::uint64_t clock_hz = 0;
  std::uint64_t host_ns = 0;
  std::vector<rdu_hw_section_counters> sections;
  std::vector<rdu_hw_context_counters> contexts;
  std::vector<std::uint64_t> link_elements;
  std::vector<rdu_hw_span> spans;

  rdu_hw_counters view() const;
};

Counters count(const Report& report, const rdu_hw_image& image, const rdu_hw_arch& arch);

// As rdu_hw_run_print_json says.
std::string json_of(const Counters& counters, const rdu_hw_image& image);

}  // namespace rdu_hw::emu
