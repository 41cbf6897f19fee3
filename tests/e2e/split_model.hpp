// One variant of an artifact, run whole and run in parts, with the same data.
#pragma once

#include <cstdint>
#include <map>
#include <rdu/rdu.hpp>
#include <string>
#include <vector>

#include "sdk/artifact/artifact.hpp"

namespace rdu::testing {

// Bytes that begin at a multiple of 64.
class Storage {
 public:
  explicit Storage(std::uint64_t size);
  Storage(const Storage& other);
  Storage(Storage&&) = default;
  Storage& operator=(Storage&&) = default;
  std::byte* data() { return data_; }
  const std::byte* data() const { return data_; }
  std::uint64_t size() const { return size_; }

 private:
  std::vector<std::byte> bytes_;
  std::byte* data_;
  std::uint64_t size_;
};

class SplitModel {
 public:
  SplitModel(const artifact::Artifact& file, std::uint32_t signature, std::uint32_t variant,
             std::string device);

  std::uint32_t num_sections() const { return graph_.sections.count; }

  // Runs everything `times` times in a row, on as many of the devices as there are shares, or on one. Throws what a
  // device says of it. Returns where the sections of each device begin.
  std::vector<std::uint32_t> run_whole(std::uint32_t times,
                                       const std::vector<std::uint32_t>& shares = {});

  // The same in parts that begin at these sections, ascending, the first at 0. Empty: every bit of outputs and variables
  // is that of the last run_whole(); else the first difference.
  // Parts have states for their own variables, or get all variables as tensors.
  enum class Variables { kStates, kTensors };
  std::string run_parts(const std::vector<std::uint32_t>& starts, Variables variables);

 private:
  using Contents = std::map<std::uint32_t, Storage>;  // by value, or by variable
  struct Part;

  rdu_artifact_part bytes(std::uint32_t first, std::uint32_t end) const;
  std::vector<TensorRef> whole_inputs(const Artifact& artifact);
  void run_part(Part& part, Contents& values, Contents& variables, Contents& written);
  void take_written(const Contents& values, Contents& variables, Contents& written) const;
  std::string compare(std::uint32_t time, const Contents& values) const;
  std::string compare_variables(const Contents& variables) const;

  const artifact::Artifact& file_;
  const rdu_graph& graph_;
  const artifact::VariantInfo& info_;
  const std::uint32_t signature_, variant_;
  const std::string device_;
  std::vector<rdu_bytes> segments_;
  Context context_;
  std::uint32_t times_ = 0;
  std::map<std::string, Storage> inputs_;
  std::vector<std::vector<Tensor>> expected_;  // by run
  Contents expected_variables_;
};

}  // namespace rdu::testing
