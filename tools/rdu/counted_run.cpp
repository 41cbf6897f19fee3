// Adds up the details of the spans of one run.
#include "tools/rdu/counted_run.hpp"

#include <cstdio>
#include <string>
#include <vector>

#include "tools/rdu/traced_run.hpp"

namespace rdu::tool {

namespace {

using nlohmann::json;

std::uint64_t number(const json& object, const char* key) {
  return object.value(key, std::uint64_t{0});
}

void add_executable(json& sum, const json& counted) {
  for (const char* key : {"cycles", "estimated_cycles"}) {
    sum[key] = number(sum, key) + number(counted, key);
  }
  sum["chip_ms"] = sum["chip_ms"].get<double>() + counted.value("chip_ms", 0.0);
  for (const char* list : {"setup", "sections"}) {
    for (json section : counted.value(list, json::array())) {
      section["first_section"] = counted.value("first_section", 0);
      sum[list].push_back(std::move(section));
    }
  }
}

void add_copy(json& sum, const json& counted) {
  for (const char* key : {"dma_in_bytes", "dma_out_bytes"}) {
    sum[key] = number(sum, key) + number(counted, key);
  }
  const double ms = static_cast<double>(number(counted, "dma_ns")) / 1e6;
  sum["dma_ms"] = sum["dma_ms"].get<double>() + ms;
}

}  // namespace

json counted_run(rdu_context* context, const std::function<void()>& run) {
  json sum = {{"cycles", 0},
              {"chip_ms", 0.0},
              {"estimated_cycles", 0},
              {"dma_in_bytes", 0},
              {"dma_out_bytes", 0},
              {"dma_ms", 0.0},
              {"setup", json::array()},
              {"sections", json::array()}};
  for (const TracedSpan& span : traced_run(context, run)) {
    const json counted = json::parse(span.details, nullptr, false);
    if (!counted.is_object()) continue;
    if (counted.contains("sections")) add_executable(sum, counted);
    if (counted.contains("dma_ns")) add_copy(sum, counted);
  }
  return sum["sections"].empty() ? json::object() : sum;
}

json once_and_again(const json& first, json again) {
  if (again.empty()) return again;
  const auto cycles_of = [](const json& sections) {
    std::uint64_t cycles = 0;
    for (const json& section : sections) cycles += number(section, "cycles");
    return cycles;
  };
  // What is set up again in each run is a part of each run.
  const std::uint64_t cycles = number(again, "cycles");
  const std::uint64_t more = cycles_of(again["setup"]);
  if (cycles != 0) {
    const double ratio = static_cast<double>(cycles + more) / static_cast<double>(cycles);
    again["chip_ms"] = again["chip_ms"].get<double>() * ratio;
  }
  again["cycles"] = cycles + more;
  again["sections"].insert(again["sections"].begin(), again["setup"].begin(), again["setup"].end());
  const json sections = more == 0 ? first.value("setup", json::array()) : json::array();
  std::uint64_t bytes = 0;
  for (const json& section : sections) bytes += number(section, "dram_bytes");
  again["setup"] = {{"cycles", cycles_of(sections)}, {"dram_bytes", bytes}, {"sections", sections}};
  return again;
}

std::string counted_text(const json& counted) {
  if (!counted.contains("sections")) return {};
  char line[160];
  std::snprintf(line, sizeof line,
                "chip       %llu cycles, %.4f ms; %.4f ms to copy %.2f MB in and %.2f MB out\n",
                static_cast<unsigned long long>(number(counted, "cycles")),
                counted["chip_ms"].get<double>(), counted["dma_ms"].get<double>(),
                static_cast<double>(number(counted, "dma_in_bytes")) / 1e6,
                static_cast<double>(number(counted, "dma_out_bytes")) / 1e6);
  std::string text = line;
  if (const std::uint64_t estimated = number(counted, "estimated_cycles"); estimated != 0) {
    std::snprintf(line, sizeof line,
                  "estimated  %llu cycles by the compiler; counted: %.2f of it\n",
                  static_cast<unsigned long long>(estimated),
                  static_cast<double>(number(counted, "cycles")) / static_cast<double>(estimated));
    text += line;
  }
  const json setup = counted.value("setup", json::object());
  if (setup.is_object() && number(setup, "cycles") != 0) {
    std::snprintf(line, sizeof line, "set up     %llu cycles and %.2f MB once, not in each run\n",
                  static_cast<unsigned long long>(number(setup, "cycles")),
                  static_cast<double>(number(setup, "dram_bytes")) / 1e6);
    text += line;
  }
  for (const json& section : counted["sections"]) {
    std::snprintf(
        line, sizeof line,
        "  %11llu cycles, %5.1f %% busy, %4llu PCUs, %4llu PMUs, %8.2f FLOP/B, %6.1f GB/s  ",
        static_cast<unsigned long long>(number(section, "cycles")),
        100 * section.value("busy", 0.0),
        static_cast<unsigned long long>(number(section, "pcu_used")),
        static_cast<unsigned long long>(number(section, "pmu_used")),
        section.value("flop_per_dram_byte", 0.0), section.value("dram_gb_s", 0.0));
    text += line + section.value("name", "") + '\n';
  }
  return text;
}

}  // namespace rdu::tool
