// One case of the suite: a folder with model.onnx and its data sets, and the verdict on it.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

namespace rdu::suite {

enum class Verdict { kPassed, kFailed, kUnsupported };

const char* verdict_name(Verdict verdict);

struct CaseResult {
  Verdict verdict = Verdict::kFailed;
  std::string reason;
};

// Folders below `dir` (or itself) that hold a model.onnx, sorted by path.
std::vector<std::filesystem::path> find_cases(const std::filesystem::path& dir);

// Compiles, loads and runs every data set of the case in this process.
CaseResult run_case(const std::filesystem::path& dir, const std::string& device);

// The same in a child process that gets `seconds` of time: whatever it does, there is a result.
CaseResult run_case_isolated(const std::filesystem::path& dir, const std::string& device,
                             int seconds);

}  // namespace rdu::suite
