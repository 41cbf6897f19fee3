// The command line of rducc.
#pragma once

#include <string>

#include "tools/rducc/pipeline.hpp"

namespace rducc {

struct Options {
  CompileRequest request;
  std::string output;
  std::string report;
  bool time_passes = false;
};

enum class Parsed { kCompile, kDone, kWrong };

// kDone: help, version or completion was printed. kWrong: what is wrong was printed to stderr.
Parsed parse_options(int argc, char** argv, Options& options);

}  // namespace rducc
