// Runs every published row on sara20, and the base rows on its routed network as well.
#include "tests/bench/chip_apps/table.hpp"

#include <map>

#include "tests/bench/chip_apps/published.hpp"
#include "tests/bench/chip_apps/report.hpp"

namespace chip_apps {
namespace {

using base::format;
using base::Result;

Result<Measured> measure_row(const std::string& app, std::vector<std::string> settings,
                             const char* network) {
  settings.push_back(std::string("network=") + network);
  Result<Case> chosen = read_case(app, settings);
  if (!chosen) return chosen.error();
  Result<Measured> measured = measure(*chosen);
  if (!measured || measured->outcome.wrong.empty()) return measured;
  return base::fail(base::Code::kInternal, "%s: wrong result: %s", app.c_str(),
                    measured->outcome.wrong.c_str());
}

std::string words_of(const std::vector<std::string>& settings) {
  std::string words;
  for (const std::string& setting : settings) words += (words.empty() ? "" : " ") + setting;
  return words.empty() ? "base" : words;
}

std::string units(std::uint64_t pcus, std::uint64_t pmus) {
  return pcus == 0 && pmus == 0 ? "-" : std::to_string(pcus) + "/" + std::to_string(pmus);
}

std::string line(const PublishedRow& row, const Measured& measured) {
  const auto cycles = static_cast<double>(measured.outcome.cycles());
  return format(
      "| %s | %s | %.0f | %.0f | %+.1f %% | %s | %s |\n", row.app.c_str(),
      words_of(row.settings).c_str(), row.cycles, cycles, (cycles / row.cycles - 1) * 100,
      units(static_cast<std::uint64_t>(row.pcus), static_cast<std::uint64_t>(row.pmus)).c_str(),
      units(measured.section.pcus, measured.section.pmus).c_str());
}

}  // namespace

Result<std::string> calibration_table() {
  std::string text =
      "| kernel | parameters | published | here | | PCU/PMU | here |\n"
      "|---|---|---|---|---|---|---|\n";
  std::map<std::string, double> base_cycles;
  for (const PublishedRow& row : published_rows()) {
    const Result<Measured> measured = measure_row(row.app, row.settings, "ideal");
    if (!measured) return measured.error();
    text += line(row, *measured);
    if (row.settings.empty()) {
      base_cycles[row.app] = static_cast<double>(measured->outcome.cycles());
    }
  }
  text += "\n| kernel | routed / ideal, published | here | longest route |\n|---|---|---|---|\n";
  for (const PublishedRatio& ratio : published_ratios()) {
    const Result<Measured> measured = measure_row(ratio.app, {}, "routed");
    if (!measured) return measured.error();
    const double here = static_cast<double>(measured->outcome.cycles()) / base_cycles[ratio.app];
    text += format("| %s | %.2f to %.2f | %.3f | %u |\n", ratio.app.c_str(), ratio.least,
                   ratio.most, here, measured->section.longest_route);
  }
  return text;
}

}  // namespace chip_apps
