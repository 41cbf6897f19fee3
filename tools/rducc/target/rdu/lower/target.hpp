// The target "rdu": which sections of a graph a chip takes, and the programs that compute them.
#pragma once

#include <rdu_hw/arch.h>

#include <functional>
#include <string>
#include <vector>

#include "sdk/artifact/model.hpp"
#include "sdk/base/result.hpp"

// Not rducc::rdu, which would hide the SDK's namespace from the rest of the compiler.
namespace rducc::chip {

enum class Schedule {
  kKernel,      // one node at a time, through the chip's memory
  kKernelSram,  // one node at a time, what it hands on in scratchpads where it fits
  kSpatial      // many at once
};

struct TargetOptions {
  std::string uri;  // "rdu:sn10", as the cut's target says
  rdu_hw_arch arch = {};
  Schedule schedule = Schedule::kSpatial;
  std::uint64_t seed = 1;
  std::function<void(double share, const std::string& what)> progress;
};

// Of a node of graph 0.
struct Landing {
  std::string name;
  std::uint32_t reason = 0;  // RDU_REASON_; TAKEN where the chip computes it
  std::string detail;
  double flops = 0;
};

struct TargetReport {
  std::vector<Landing> nodes;
  std::size_t num_payloads = 0;
  std::size_t num_chip_sections = 0;
  std::uint64_t estimated_cycles = 0;  // of a run of all payloads
  double taken_flops() const;
  double all_flops() const;
};

// Appends the target's cut to the variant, whose portable cut is there.
rdu::base::Result<TargetReport> add_cut(rdu::artifact::Variant& variant,
                                        const TargetOptions& options);

}  // namespace rducc::chip
