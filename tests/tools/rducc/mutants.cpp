// Compiles mutants of real models by the thousand: none may crash, hang or leave a file behind when it fails.
//   rducc_mutants --count N [--first I] [--seconds S] [--keep DIR] MODEL_OR_DIR…
// With a sanitizer a crash ends the program; DIR/current.onnx is then the mutant that did it.
#include <sys/resource.h>
#include <time.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <map>

#include "tests/tools/rducc/api/call.hpp"
#include "tests/tools/rducc/mutate_model.hpp"

namespace {

namespace fs = std::filesystem;
using namespace rducc::test;

constexpr std::uintmax_t kMostSeedBytes = 256 << 10;

struct Options {
  std::uint64_t count = 1000, first = 0;
  double seconds = 10;  // of processor time, for one mutant
  std::string keep;
  std::vector<std::string> seeds;
};

std::vector<std::string> find_seeds(const std::vector<std::string>& places) {
  std::vector<std::string> paths;
  const auto add = [&](const fs::path& path) {
    if (path.extension() == ".onnx" && fs::file_size(path) <= kMostSeedBytes) paths.push_back(path);
  };
  for (const auto& place : places) {
    if (!fs::exists(place)) {
      std::printf("%s is not there\n", place.c_str());
      continue;
    }
    if (!fs::is_directory(place)) {
      add(place);
      continue;
    }
    for (const auto& entry : fs::recursive_directory_iterator(place)) {
      if (entry.is_regular_file()) add(entry.path());
    }
  }
  std::sort(paths.begin(), paths.end());
  return paths;
}

onnx::ModelProto read_model(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  onnx::ModelProto model;
  model.ParseFromString({std::istreambuf_iterator<char>(file), {}});
  return model;
}

// Every symbolic dimension of the inputs, by the name that the compiler gives it.
std::map<std::string, std::int64_t> symbols_of(const std::string& bytes) {
  std::map<std::string, std::int64_t> symbols;
  onnx::ModelProto model;
  if (!model.ParseFromString(bytes)) return symbols;
  for (const auto& input : model.graph().input()) {
    const auto& shape = input.type().tensor_type().shape();
    for (int i = 0; i < shape.dim_size(); ++i) {
      const auto& dim = shape.dim(i);
      if (dim.has_dim_value() && dim.dim_value() >= 0) continue;
      symbols[dim.dim_param().empty() ? input.name() + "." + std::to_string(i) : dim.dim_param()] =
          2;
    }
  }
  return symbols;
}

double processor_seconds() {
  timespec time{};
  ::clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &time);
  return static_cast<double>(time.tv_sec) + static_cast<double>(time.tv_nsec) * 1e-9;
}

struct Tally {
  std::uint64_t compiled = 0, refused = 0;
  double slowest = 0;
  std::map<std::string, std::uint64_t> codes;
};

// "" or what was wrong.
std::string check_folder(const fs::path& folder, bool written) {
  std::vector<std::string> files;
  for (const auto& entry : fs::directory_iterator(folder)) files.push_back(entry.path().filename());
  const bool fine = written ? files == std::vector<std::string>{"m.rdu"} : files.empty();
  fs::remove(folder / "m.rdu");
  return fine ? "" : "left " + std::to_string(files.size()) + " files behind";
}

// Compiles and writes; "" or what was wrong.
std::string compile_one(const std::string& bytes, const TempFolder& folder, Tally& tally) {
  std::vector<rducc_extent> extents;
  const auto symbols = symbols_of(bytes);
  for (const auto& [name, extent] : symbols) extents.push_back({name.c_str(), extent});
  const rducc_variant variant{
      RDUCC_ARRAY(extents.data(), static_cast<std::uint32_t>(extents.size()))};
  auto request = request_for(bytes);
  request.folder = folder.path().c_str();
  request.variants = RDUCC_ARRAY(&variant, extents.empty() ? 0u : 1u);
  Compilation compilation = compile(request);
  if (compilation.output) {
    compilation.status.reset(
        rducc_output_write(compilation.output.get(), (folder / "m.rdu").c_str()));
  }
  const bool written = compilation.code() == RDUCC_OK;
  ++(written ? tally.compiled : tally.refused);
  ++tally.codes[rducc_code_name(compilation.code())];
  const std::string litter = check_folder(folder.path(), written);
  return compilation.code() == RDUCC_ERR_INTERNAL ? compilation.message() : litter;
}

void save(const std::string& path, const std::string& bytes) {
  std::ofstream(path, std::ios::binary) << bytes;
}

int run(const Options& options) {
  const auto seeds = find_seeds(options.seeds);
  if (seeds.empty()) {
    std::puts("skipped: no seeds");
    return 77;
  }
  Vocabulary vocabulary;
  for (const auto& path : seeds) learn(vocabulary, read_model(path));
  const TempFolder folder;
  Tally tally;
  std::uint64_t failures = 0;
  for (std::uint64_t i = options.first; i < options.first + options.count; ++i) {
    const std::string& path = seeds[i % seeds.size()];
    const std::string bytes = mutant(read_model(path), vocabulary, i);
    if (!options.keep.empty()) save(options.keep + "/current.onnx", bytes);
    const double start = processor_seconds();
    std::string wrong = compile_one(bytes, folder, tally);
    const double seconds = processor_seconds() - start;
    tally.slowest = std::max(tally.slowest, seconds);
    if (seconds > options.seconds) wrong += " took " + std::to_string(seconds) + " s";
    if (wrong.empty()) continue;
    ++failures;
    std::printf("mutant %llu of %s: %s\n", static_cast<unsigned long long>(i), path.c_str(),
                wrong.c_str());
    std::fflush(stdout);
    if (!options.keep.empty()) save(options.keep + "/" + std::to_string(i) + ".onnx", bytes);
  }
  rusage usage{};
  ::getrusage(RUSAGE_SELF, &usage);
  std::printf(
      "%llu mutants of %zu models: %llu compiled, %llu refused, %llu wrong; slowest %.2f s, peak "
      "%ld MB\n",
      static_cast<unsigned long long>(options.count), seeds.size(),
      static_cast<unsigned long long>(tally.compiled),
      static_cast<unsigned long long>(tally.refused), static_cast<unsigned long long>(failures),
      tally.slowest, usage.ru_maxrss / 1024);
  for (const auto& [code, count] : tally.codes) {
    std::printf("  %8llu %s\n", static_cast<unsigned long long>(count), code.c_str());
  }
  return failures == 0 ? 0 : 1;
}

}  // namespace

int main(int argc, char** argv) {
  Options options;
  CLI::App app{"Compiles mutants of ONNX models.", "rducc_mutants"};
  app.add_option("--count", options.count, "how many");
  app.add_option("--first", options.first, "the number of the first");
  app.add_option("--seconds", options.seconds, "of processor time that one may take");
  app.add_option("--keep", options.keep, "where to put mutants that went wrong");
  app.add_option("SEEDS", options.seeds, "models, or folders of models")->required();
  CLI11_PARSE(app, argc, argv);
  return run(options);
}
