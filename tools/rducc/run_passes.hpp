// Runs the passes over one variant, each timed, printed where asked, and checked.
#pragma once

#include <functional>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "sdk/artifact/model.hpp"
#include "tools/rducc/precision.hpp"

namespace rducc {

// One step of the compiler: a function over the whole variant.
struct Pass {
  const char* name;
  void (*run)(rdu::artifact::Variant&);
  std::optional<Precision> only_for = {};  // else it does nothing
};

// In the order in which they run.
std::span<const Pass> all_passes();

struct PassOptions {
  Precision precision = Precision::kFp32;
  bool verify = false;                   // legality after each pass, not only after the last
  std::vector<std::string> print_after;  // names of passes, or "import"
  std::function<void(const std::string& pass, const std::string& text)> print;
  // Called before each pass with the share of the passes that are done.
  std::function<void(double share, const char* pass)> progress;
};

struct PassTime {
  std::string pass;
  double seconds = 0;
};

// Throws CompileError kInvalid with the name of the pass whose result is not legal.
std::vector<PassTime> run_passes(rdu::artifact::Variant& variant, const PassOptions& options);

}  // namespace rducc
