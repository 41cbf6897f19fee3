// rducc: an ONNX model in, an artifact out. A client of librducc and, for packing weights, of librdu.
#include <cstdio>
#include <fstream>
#include <memory>

#include "tools/rducc/options.hpp"
#include "tools/rducc/pack_weights.hpp"
#include "tools/rducc/progress_bar.hpp"

namespace {

constexpr int kFailed = 1;
constexpr int kUsage = 2;

using Output = std::unique_ptr<rducc_output, decltype(&rducc_output_destroy)>;

int fail(const std::string& message) {
  std::fprintf(stderr, "rducc: error: %s\n", message.c_str());
  return kFailed;
}

// Takes the status: true, or its message was printed.
bool ok(rducc_status* status) {
  if (status != nullptr) fail(rducc_status_message(status));
  const bool fine = status == nullptr;
  rducc_status_destroy(status);
  return fine;
}

int32_t show_progress(void* bar, double share, const char* what) {
  static_cast<rducc::ProgressBar*>(bar)->show(share, what);
  return 0;
}

void print_graph(void*, const char* pass, const char* text) {
  std::printf("// after %s\n%s", pass, text);
}

void print_times(const rducc_output* output) {
  const char* pass = nullptr;
  double seconds = 0;
  rducc_status* end = nullptr;
  for (std::uint32_t i = 0; !(end = rducc_output_get_pass(output, i, &pass, &seconds)); ++i) {
    std::fprintf(stderr, "%10.3f ms  %s\n", seconds * 1e3, pass);
  }
  rducc_status_destroy(end);
}

bool write_report(rducc_output* output, const std::string& path) {
  if (path == "-") {
    const char* table = nullptr;
    if (!ok(rducc_output_get_table(output, &table))) return false;
    return std::fputs(table, stdout) >= 0;
  }
  const char* json = nullptr;
  if (!ok(rducc_output_get_report(output, &json))) return false;
  std::ofstream file(path, std::ios::binary);
  file << json;
  return file.flush() || fail("cannot write " + path) == 0;
}

// Without anybody's asking it is a help that may be missing.
bool pack(const rducc::Options& options) {
  if (options.cpus.empty()) return true;
  const std::string trouble = rducc::pack_weights(options.output, options.cpus);
  if (trouble.empty()) return true;
  if (options.names_cpus) return fail("weights are not packed: " + trouble) == 0;
  std::fprintf(
      stderr, "rducc: note: loading will pack the weights; ahead of time it was not possible: %s\n",
      trouble.c_str());
  return true;
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
  options.request.progress = show_progress;
  options.request.progress_user = &bar;
  options.request.print = print_graph;
  rducc_output* compiled = nullptr;
  rducc_status* status = rducc_compile(&options.request, &compiled);
  const Output output(compiled, rducc_output_destroy);
  if (!status) {
    bar.show(1, "writing");
    status = rducc_output_write(compiled, options.output.c_str());
  }
  bar.clear();
  if (compiled && options.time_passes) print_times(compiled);
  if (!ok(status)) return kFailed;
  if (!pack(options)) return kFailed;
  if (!options.report.empty() && !write_report(compiled, options.report)) return kFailed;
  return 0;
}
