// The compiler: an ONNX model in, the content of an artifact out.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "sdk/artifact/model.hpp"
#include "sdk/artifact/origin_rows.hpp"
#include "sdk/base/result.hpp"
#include "tools/rducc/diagnostic.hpp"
#include "tools/rducc/import/onnx/load_model.hpp"
#include "tools/rducc/run_passes.hpp"
#include "tools/rducc/target/rdu/lower/target.hpp"

namespace rducc {

using DimChoice = std::pair<std::string, std::int64_t>;

// A state: what the model yields as `output` is what the next run reads as `input`. A growing one has room for `capacity`
// positions along `axis`, and a run appends to those in use.
struct StateChoice {
  std::string output, input;
  std::int64_t axis = 0;
  std::int64_t capacity = 0;  // 0: not growing
};

// Bounds on what an untrusted model may make the compiler take.
struct Limits {
  std::uint64_t model_bytes = 0;  // of the ONNX file, without external data; 0: 2 GiB, ONNX's own
  // Of tensors that the compiler makes itself; 0: 128 MiB and twice the ONNX file.
  std::uint64_t constant_bytes = 0;
};

// Thrown by CompileRequest::progress to end the compilation with kCancelled.
struct Cancelled {};

struct CompileRequest {
  std::string model_path;
  // A model in memory instead; `model_path` is then its name in messages, and `folder` is what its
  // external data is confined to (empty: none allowed). Read only during the call.
  std::optional<std::span<const std::byte>> model;
  std::string folder;
  // Which variants to make: one per data folder, one per set of sample inputs, one per element of
  // `variants`, and the product of `dims`. Equal ones are made once. A model without symbolic
  // dimensions needs none of them.
  std::vector<std::string> data_dirs;
  std::vector<std::vector<import_onnx::NamedTensor>> samples;
  std::vector<std::pair<std::string, std::vector<std::int64_t>>> dims;
  std::vector<std::vector<DimChoice>> variants;
  std::map<std::string, std::string> fixes;  // input → its elements, "1,3,224" (specialised inputs)
  std::vector<StateChoice> states;
  // The most iterations of a Loop that stacks outputs and whose model states no number; 0: none.
  std::int64_t loop_bound = 0;
  std::vector<std::string> targets{
      "cpu"};         // names, or a chip's URI (target/rdu/lower/target_uri.hpp)
  std::string flags;  // as the artifact's provenance tells them
  Limits limits;
  PassOptions passes;
  // Called now and then with a share of the work in [0, 1] and what is being done.
  std::function<void(double share, const std::string& what)> progress;
};

// What became of a variant on a chip.
struct ChipReport {
  std::string target;
  chip::TargetReport report;
};

struct VariantReport {
  std::vector<DimChoice> dims;
  std::size_t num_nodes = 0;
  std::size_t num_sections = 0;
  std::uint64_t constant_bytes = 0;
  std::vector<rdu::artifact::OriginRow> source_nodes;  // what became of each
  std::vector<PassTime> times;
  std::vector<ChipReport> chips;
};

struct CompileReport {
  std::size_t num_source_nodes = 0;
  double seconds = 0;
  std::vector<VariantReport> variants;
};

struct Compiled {
  rdu::artifact::Model model;
  CompileReport report;
};

// kUnsupported lists every node that rducc declines, kCorrupt every mistake of the model; both one a
// line. kInvalidArgument: a flag is missing or does not fit the model; the message names it.
rdu::base::Result<Compiled> compile(const CompileRequest& request);
// The same, and each reason for itself: at least one where it fails.
rdu::base::Result<Compiled> compile(const CompileRequest& request,
                                    std::vector<Diagnostic>& diagnostics);

// "rducc 0.1.0"
std::string producer();
// What CompileRequest::targets may name; "rdu" stands before a ':' and a chip.
std::span<const char* const> all_targets();
rdu::base::Result<void> check_target(const std::string& target);

}  // namespace rducc
