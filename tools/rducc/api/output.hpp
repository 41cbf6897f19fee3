// What a compilation leaves, behind the C handle.
#pragma once

#include <rducc/rducc.h>

#include <cstdint>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "sdk/base/aligned_bytes.hpp"
#include "tools/rducc/pipeline.hpp"
#include "tools/rducc/report.hpp"

// The model is kept, not its bytes: a file is streamed from where the weights are.
struct rducc_output {
  rducc::Compiled compiled;
  std::shared_ptr<const void>
      source;  // that constants of the model borrow from, where it is an artifact
  std::uint64_t artifact_bytes = 0;  // at most
  std::vector<rducc::PassTime> passes;
  std::mutex making;  // of what is made when it is first asked for
  std::optional<rdu::base::AlignedBytes> bytes;
  std::optional<std::string> report;
  std::optional<std::string> table;
};
