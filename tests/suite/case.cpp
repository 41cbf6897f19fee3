// Compiles, loads and runs a case through the compiler's library and the public C API.
#include "tests/suite/case.hpp"

#include <rdu/rdu.h>
#include <unistd.h>

#include <algorithm>

#include "sdk/artifact/writer.hpp"
#include "tests/suite/data_quirks.hpp"
#include "tests/suite/random_ops.hpp"
#include "tools/rdu/data_set.hpp"
#include "tools/rdu/session.hpp"
#include "tools/rdu/verify_case.hpp"
#include "tools/rducc/pipeline.hpp"

namespace rdu::suite {

namespace fs = std::filesystem;

namespace {

// A file of its own that goes with the object.
class TemporaryArtifact {
 public:
  TemporaryArtifact()
      : path_(fs::temp_directory_path() / ("rdu-suite-" + std::to_string(getpid()) + ".rdu")) {}
  ~TemporaryArtifact() {
    std::error_code ignored;
    fs::remove(path_, ignored);
  }
  const fs::path& path() const { return path_; }

 private:
  fs::path path_;
};

// The compiler's message on one line.
std::string one_line(std::string text) {
  while (text.ends_with('\n')) text.pop_back();
  std::ranges::replace(text, '\n', ';');
  return text;
}

// Shape and dtype are all that can be said of a random result.
tool::OutputCheck check_type(const tool::HostTensor& actual, const tool::HostTensor& expected) {
  tool::OutputCheck check{actual.name, {}};
  check.comparison.passed = actual.dtype == expected.dtype && actual.shape == expected.shape;
  if (!check.comparison.passed) {
    check.comparison.reason = "is " + tool::type_text(actual.dtype, actual.shape) + ", expected " +
                              tool::type_text(expected.dtype, expected.shape);
  }
  return check;
}

using ValueInfoFn = rdu_value_info (*)(const rdu_artifact*, std::uint32_t, std::uint32_t,
                                       std::uint32_t);

// A data set's tensors as they were meant for the program's inputs or outputs.
std::vector<tool::HostTensor> read_tensors(rdu_program* program, const fs::path& set,
                                           const char* prefix, std::uint32_t count,
                                           ValueInfoFn info_of) {
  std::vector<tool::HostTensor> tensors = tool::read_numbered(set, prefix);
  if (!has_data_quirks(set.parent_path())) return tensors;
  for (std::uint32_t i = 0; i < std::min<std::size_t>(count, tensors.size()); ++i) {
    tensors[i] =
        settle_quirk(std::move(tensors[i]), info_of(rdu_program_get_artifact(program), 0, 0, i));
  }
  return tensors;
}

// The first output that is not as expected, or "".
std::string run_data_set(rdu_program* program, const fs::path& set, bool random) {
  const rdu_signature_info signature = tool::signature_info(rdu_program_get_artifact(program), 0);
  std::vector<tool::HostTensor> inputs = tool::bind_inputs(
      program, nullptr,
      read_tensors(program, set, "input", signature.num_inputs, tool::input_info));
  const std::vector<tool::HostTensor> outputs = tool::run_once(program, inputs, nullptr);
  const std::vector<tool::HostTensor> expected =
      read_tensors(program, set, "output", signature.num_outputs, tool::output_info);
  if (expected.empty()) return set.filename().string() + " has no expected outputs";
  std::vector<tool::OutputCheck> checks;
  if (random) {
    for (std::size_t i = 0; i < expected.size(); ++i)
      checks.push_back(check_type(outputs.at(i), expected[i]));
  } else {
    checks = tool::check_outputs(outputs, nullptr, expected, tolerance_of(set.parent_path()));
  }
  for (const tool::OutputCheck& check : checks) {
    if (!check.comparison.passed) {
      return set.filename().string() + ", output " + check.name + " " + check.comparison.reason;
    }
  }
  return {};
}

CaseResult run_set(const fs::path& dir, const fs::path& set, const std::string& device) {
  rducc::CompileRequest request;
  request.model_path = dir / "model.onnx";
  if (!has_data_quirks(dir)) request.data_dirs = {set};
  const auto compiled = rducc::compile(request);
  if (!compiled.ok()) {
    const bool declined = compiled.error().code == base::Code::kUnsupported;
    return {declined ? Verdict::kUnsupported : Verdict::kFailed,
            one_line(compiled.error().message)};
  }
  const TemporaryArtifact file;
  if (const auto wrote = artifact::write_artifact(compiled->model, file.path()); !wrote.ok()) {
    return {Verdict::kFailed, wrote.error().message};
  }
  tool::SessionOptions options;
  options.devices = {device};
  options.no_fallback = true;
  tool::Session session(options);
  session.open_devices();
  session.open_artifact(file.path());
  session.load_program();
  const std::string wrong = run_data_set(session.program(), set, has_random_result(dir));
  return {wrong.empty() ? Verdict::kPassed : Verdict::kFailed, wrong};
}

}  // namespace

const char* verdict_name(Verdict verdict) {
  switch (verdict) {
    case Verdict::kPassed:
      return "passed";
    case Verdict::kUnsupported:
      return "unsupported";
    case Verdict::kFailed:
      break;
  }
  return "failed";
}

std::vector<fs::path> find_cases(const fs::path& dir) {
  std::vector<fs::path> cases;
  if (fs::exists(dir / "model.onnx")) return {dir};
  for (const auto& entry : fs::recursive_directory_iterator(dir)) {
    if (entry.path().filename() == "model.onnx") cases.push_back(entry.path().parent_path());
  }
  std::ranges::sort(cases);
  return cases;
}

CaseResult run_case(const fs::path& dir, const std::string& device) {
  for (const fs::path& set : tool::find_data_sets(dir)) {
    const CaseResult result = run_set(dir, set, device);
    if (result.verdict != Verdict::kPassed) return result;
  }
  return {Verdict::kPassed, {}};
}

}  // namespace rdu::suite
