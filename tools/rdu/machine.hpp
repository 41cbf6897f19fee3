// What this machine can do at best, measured once and kept in the user's cache folder.
#pragma once

#include <cstdint>
#include <filesystem>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <vector>

namespace rdu::tool {

// Of so many threads that work at once. 0: the machine has no instructions for it.
struct LimitsOf {
  std::uint32_t threads = 1;
  double fp32_gflops = 0;  // multiply and add count as two
  double bf16_gflops = 0;
  double int8_gops = 0;
  double l1_gbs = 0, l2_gbs = 0, dram_gbs = 0;  // reading
  double l1_bytes = 0, l2_bytes = 0;            // of all these threads

  // The shortest time for so much work: computing and moving overlap. Products of bytes have a limit of their own.
  double least_us(double operations, double bytes, bool products_of_bytes) const;
};

struct MachineLimits {
  std::string cpu;
  std::vector<LimitsOf> by_threads;  // one thread, and all

  // The one for `threads`, or for the most that were measured.
  const LimitsOf& of(std::uint32_t threads) const;
};

// Takes about a second.
MachineLimits measure_machine();

// $XDG_CACHE_HOME/rdu/machine.json, or ~/.cache instead. Empty where the user has no such folder.
std::filesystem::path machine_file();
void save_machine(const MachineLimits& limits, const std::filesystem::path& file);
// Nothing where the file is missing, cannot be read or tells of another CPU.
std::optional<MachineLimits> load_machine(const std::filesystem::path& file);

std::string machine_text(const MachineLimits& limits);
nlohmann::ordered_json machine_json(const MachineLimits& limits);

}  // namespace rdu::tool
