// rdu-onnx-suite: ONNX's operator tests against one device.
#include <CLI/CLI.hpp>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <map>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "tests/suite/case.hpp"
#include "tests/suite/subject.hpp"

namespace {

namespace fs = std::filesystem;
using namespace rdu::suite;
using nlohmann::json;

struct Options {
  std::vector<std::string> dirs;
  std::string device = "cpu:";
  std::string json_path;
  std::string filter;
  int seconds = 60;
  int every = 1;
  int seed = 0;
  double min_passed = 0;
  bool quiet = false;
};

std::vector<fs::path> select_cases(const Options& options) {
  std::vector<fs::path> all;
  for (const std::string& dir : options.dirs) {
    const std::vector<fs::path> found = find_cases(dir);
    all.insert(all.end(), found.begin(), found.end());
  }
  std::vector<fs::path> selected;
  for (std::size_t i = 0; i < all.size(); ++i) {
    const bool sampled =
        (i + static_cast<std::size_t>(options.seed)) % static_cast<std::size_t>(options.every) == 0;
    if (sampled && all[i].filename().string().find(options.filter) != std::string::npos) {
      selected.push_back(all[i]);
    }
  }
  return selected;
}

// A model that cannot be read concerns numbers: its case must not be forgiven.
bool concerns_numbers(const fs::path& dir) {
  try {
    return is_numeric(dir);
  } catch (const std::exception&) {
    return true;
  }
}

int run(const Options& options) {
  std::map<Verdict, int> count;
  json records = json::array();
  int numeric = 0, numeric_passed = 0;
  for (const fs::path& dir : select_cases(options)) {
    const CaseResult result = run_case_isolated(dir, options.device, options.seconds);
    ++count[result.verdict];
    const bool numbers = concerns_numbers(dir);
    numeric += numbers;
    numeric_passed += numbers && result.verdict == Verdict::kPassed;
    records.push_back({{"case", dir.filename().string()},
                       {"verdict", verdict_name(result.verdict)},
                       {"numeric", numbers},
                       {"reason", result.reason}});
    if (result.verdict == Verdict::kFailed || !options.quiet) {
      std::printf("%-11s %s%s%s\n", verdict_name(result.verdict), dir.filename().c_str(),
                  result.reason.empty() ? "" : ": ", result.reason.c_str());
      std::fflush(stdout);
    }
  }
  if (!options.json_path.empty()) std::ofstream(options.json_path) << records.dump(1) << '\n';
  const double share = numeric == 0 ? 0 : 100.0 * numeric_passed / numeric;
  std::printf("%d passed, %d failed, %d unsupported; %d of the %d on tensors of numbers passed\n",
              count[Verdict::kPassed], count[Verdict::kFailed], count[Verdict::kUnsupported],
              numeric_passed, numeric);
  if (records.empty()) {
    std::fprintf(stderr, "rdu-onnx-suite: no case found\n");
    return 2;
  }
  if (share < options.min_passed) {
    std::fprintf(stderr, "rdu-onnx-suite: %.1f %% of those on numbers passed, %.1f %% are needed\n",
                 share, options.min_passed);
    return 1;
  }
  return count[Verdict::kFailed] == 0 ? 0 : 1;
}

}  // namespace

int main(int argc, char** argv) {
  Options options;
  CLI::App app("Runs ONNX operator tests (model.onnx with test_data_set_*) on a device.",
               "rdu-onnx-suite");
  app.add_option("dirs", options.dirs, "Folders that hold cases")
      ->required()
      ->check(CLI::ExistingDirectory);
  app.add_option("-d,--device", options.device, "Device URI (default cpu:)");
  app.add_option("--json", options.json_path, "Write one record per case there");
  app.add_option("--filter", options.filter, "Only cases whose name contains this");
  app.add_option("--timeout", options.seconds, "Seconds that a case may take (default 60)");
  app.add_option("--every", options.every, "Only every N-th case, from --seed on")
      ->check(CLI::PositiveNumber);
  app.add_option("--seed", options.seed, "Where --every begins")->check(CLI::NonNegativeNumber);
  app.add_option("--min-passed", options.min_passed,
                 "Per cent of the cases on tensors of numbers that must pass");
  app.add_flag("-q,--quiet", options.quiet, "Name only the failed cases");
  CLI11_PARSE(app, argc, argv);
  return run(options);
}
