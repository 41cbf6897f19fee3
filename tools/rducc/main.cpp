// rducc: an ONNX model in, an artifact out.
#include <cstdio>
#include <fstream>

#include "sdk/artifact/writer.hpp"
#include "tools/rducc/options.hpp"
#include "tools/rducc/progress_bar.hpp"
#include "tools/rducc/report.hpp"

namespace {

constexpr int kFailed = 1;
constexpr int kUsage = 2;

int fail(const std::string& message) {
  std::fprintf(stderr, "rducc: error: %s\n", message.c_str());
  return kFailed;
}

bool write_text(const std::string& path, const std::string& text) {
  std::ofstream file(path, std::ios::binary);
  file << text;
  return static_cast<bool>(file.flush());
}

}  // namespace

int main(int argc, char** argv) {
  rducc::Options options;
  switch (rducc::parse_options(argc, argv, options)) {
    case rducc::Parsed::kDone:
      return 0;
    case rducc::Parsed::kWrong:
      return kUsage;
    case rducc::Parsed::kCompile:
      break;
  }
  rducc::ProgressBar bar;
  options.request.progress = [&](double share, const std::string& what) { bar.show(share, what); };
  const auto compiled = rducc::compile(options.request);
  bar.show(1, "writing");
  const auto written = compiled.ok()
                           ? rdu::artifact::write_artifact(compiled->model, options.output)
                           : rdu::base::Result<void>();
  bar.clear();
  if (!compiled.ok()) return fail(compiled.error().message);
  if (options.time_passes) std::fputs(rducc::pass_times(compiled->report).c_str(), stderr);
  if (!written.ok()) return fail(written.error().message);
  if (!options.report.empty() &&
      !write_text(options.report, rducc::report_json(compiled->report))) {
    return fail("cannot write " + options.report);
  }
  return 0;
}
