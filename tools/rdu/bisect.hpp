// The search for the first value that differs: between two devices, or between a device and stored tensors.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "tools/rdu/compare.hpp"
#include "tools/rdu/probe.hpp"

namespace rdu::tool {

struct BisectOptions {
  SessionOptions session;  // devices are those of side a
  std::string artifact;
  std::string other = "reference:";  // side b
  std::string data;
  std::string sequence;
  std::string against;  // a folder of stored tensors instead of side b
  int variant = -1;     // < 0: the one that the data fits
  std::uint64_t memory_bytes = std::uint64_t{1} << 30;  // for the values of both sides at once
  Tolerance tolerance;
  // Compiles the artifact that shows a window's values for a device; null: as it is.
  std::function<AlignedBytes(const AlignedBytes& artifact, const std::string& device)> retarget;
};

// The first value that differs, in the order of steps, then of nodes.
struct Difference {
  std::uint32_t value = RDU_NONE;  // of the variant
  std::uint32_t node =
      RDU_NONE;           // that the worst element comes from; RDU_NONE: known when compiled
  std::string tensor;     // of the source model, "" where it is none
  std::int64_t step = 0;  // of a sequence
  std::vector<std::int64_t> shape;
  Comparison comparison;
};

struct BisectResult {
  std::size_t num_values = 0;  // that were compared, or would have been
  std::size_t num_nodes = 0;   // that write them
  std::int64_t num_steps = 1;
  double max_relative = 0;  // of those that agree
  std::uint32_t variant = 0;
  std::string where;                   // the data set or the sequence
  std::vector<std::string> unstored;   // stored tensors that no value is
  std::vector<std::string> strangers;  // files that are no tensor of the model
  std::optional<Difference> difference;
};

BisectResult bisect(const BisectOptions& options, const artifact::Artifact& artifact);

}  // namespace rdu::tool
