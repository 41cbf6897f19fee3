// Graphs compiled for a chip and run on it, beside what the compile-time evaluator says they yield.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "sdk/artifact/model.hpp"
#include "tools/rducc/target/rdu/lower/target.hpp"

namespace rdu_test {

struct ChipRun {
  rducc::chip::TargetReport report;
  std::vector<std::vector<double>> outputs;  // of the variant
  std::int64_t cycles = 0;                   // of a run that finds the chip set up
  std::uint32_t setup_sections = 0;          // of the images
  std::uint32_t transfers = 0;               // contexts of other sections that load or store
  std::uint32_t stores = 0;                  // contexts that store
  std::vector<std::int32_t>
      outside;  // what the package's checks saw, where a run would have failed
};

// One node a section.
void add_portable_cut(rdu::artifact::Variant& variant);

// Completes the variant with a portable cut where it has none, compiles it for the chip ("plasticine", "sn10?schedule=spatial") and runs
// the payload; fails the test where a node is declined.
ChipRun run_on_chip(rdu::artifact::Variant variant, const std::string& chip,
                    std::uint32_t seed = 1);

// That, without positions outside, and every output within `tolerance` of the largest expected magnitude of what the evaluator yields, on each chip.
void require_same_on_chips(const rdu::artifact::Variant& variant, double tolerance = 1e-5,
                           const std::vector<std::string>& chips = {"plasticine", "sn10", "edge"});

}  // namespace rdu_test
