// rdu-chip-apps: the classic kernels of this chip family on the emulated chip, counted and checked.
#include <cstdio>
#include <string>
#include <utility>
#include <vector>

#include "tests/bench/chip_apps/report.hpp"
#include "tests/bench/chip_apps/table.hpp"

namespace {

using chip_apps::App;
namespace base = chip_apps::base;

constexpr const char* kUsage =
    "usage: rdu-chip-apps NAME key=value...   run a kernel, print its cycles and units as JSON\n"
    "       rdu-chip-apps list                kernels and their parameters\n"
    "       rdu-chip-apps table               all rows with published counts, as Markdown\n"
    "for all kernels: chip=PRESET|FILE network=ideal|routed metapipe=on|off "
    "granularity=block|vector\n"
    "                 seed=NUMBER stages=0|1 speed=0|1\n";

int list() {
  for (const App& app : chip_apps::apps()) {
    std::printf("%s: %s\n", app.name, app.about);
    for (const chip_apps::Parameter& parameter : app.parameters) {
      std::printf("  %-4s %-40s %lld to %lld, standard %lld\n", parameter.name, parameter.meaning,
                  static_cast<long long>(parameter.least), static_cast<long long>(parameter.most),
                  static_cast<long long>(parameter.standard));
    }
  }
  return 0;
}

int refuse(const base::Error& error) {
  std::fprintf(stderr, "rdu-chip-apps: %s\n", error.message.c_str());
  return 2;
}

int run(const std::string& name, const std::vector<std::string>& words) {
  base::Result<chip_apps::Case> chosen = chip_apps::read_case(name, words);
  if (!chosen) return refuse(chosen.error());
  base::Result<chip_apps::Measured> measured = chip_apps::measure(*chosen);
  if (!measured) return refuse(measured.error());
  std::printf("%s\n", chip_apps::json_of(*chosen, *measured).c_str());
  if (measured->outcome.wrong.empty()) return 0;
  std::fprintf(stderr, "rdu-chip-apps: %s: wrong result: %s\n", name.c_str(),
               measured->outcome.wrong.c_str());
  return 1;
}

}  // namespace

int main(int count, char** arguments) {
  const std::vector<std::string> words(arguments + 1, arguments + count);
  if (words.empty() || words[0] == "-h" || words[0] == "--help") {
    std::fputs(kUsage, words.empty() ? stderr : stdout);
    return words.empty() ? 2 : 0;
  }
  const std::vector<std::string> rest(words.begin() + 1, words.end());
  if (words[0] == "list" && rest.empty()) return list();
  if (words[0] == "table" && rest.empty()) {
    const base::Result<std::string> table = chip_apps::calibration_table();
    if (!table) return refuse(table.error());
    std::fputs(table->c_str(), stdout);
    return 0;
  }
  return run(words[0], rest);
}
