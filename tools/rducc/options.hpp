// The command line of rducc.
#pragma once

#include <rducc/rducc.h>

#include <deque>
#include <string>
#include <vector>

namespace rducc {

// A request and what it borrows from: neither copied nor moved once made.
struct Options {
  Options() { request.header = RDU_HEADER(rducc_request); }
  Options(const Options&) = delete;
  Options& operator=(const Options&) = delete;

  rducc_request request{};
  std::string output;
  std::string report;
  bool time_passes = false;
  std::vector<std::string> cpus;  // to pack weights for
  bool names_cpus = false;        // somebody asked for them

  std::deque<std::string> texts;
  std::deque<std::vector<std::int64_t>> numbers;
  std::deque<std::vector<rducc_extent>> extents;
  std::vector<const char*> data_dirs, targets, print_after;
  std::vector<rducc_dim> dims;
  std::vector<rducc_variant> variants;
  std::vector<rducc_fix> fixes;
  std::vector<rducc_state> states;
};

enum class Parsed { kCompile, kDone, kWrong };

// kDone: help, version or completion was printed. kWrong: what is wrong was printed to stderr.
Parsed parse_options(int argc, char** argv, Options& options);

}  // namespace rducc
