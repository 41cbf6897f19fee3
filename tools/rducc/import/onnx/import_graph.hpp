// Decomposes an ONNX model into the pattern graph of one variant.
#pragma once

#include <functional>
#include <map>
#include <set>
#include <string>
#include <vector>

#include "tools/rducc/import/onnx/import_state.hpp"
#include "tools/rducc/import/onnx/load_model.hpp"
#include "tools/rducc/ir/builder.hpp"

namespace rducc::import_onnx {

// An input that runs append to. The dimensions of one name have one length.
struct GrowingDim {
  std::string input;
  std::size_t axis = 0;
  std::string name;  // of the dimension
  std::int64_t capacity = 0;
};

struct Growing {
  std::vector<GrowingDim> dims;
  // Dimensions like "past + seq" with a growing one among them, by name: the names and numbers added.
  std::map<std::string, std::vector<std::string>> sums;

  bool empty() const { return dims.empty(); }
  bool has(const std::string& dim) const;  // grows by itself or as a sum
};

struct ImportRequest {
  std::map<std::string, std::int64_t> dims{};     // every symbolic dimension of the inputs, by name
  std::map<std::string, ir::Tensor> constants{};  // specialised inputs, by name
  // Called before each node with how many came before it; what it throws, if no std::exception,
  // ends the import.
  std::function<void(std::size_t)> on_node{};
  Growing growing{};
  // What a run appends to the dimensions that grow, where it is known from an import before this one:
  // the range of their lengths depends on it.
  std::map<std::string, std::int64_t> steps{};
  // The most iterations of a Loop whose model states no number and that stores something for each;
  // 0: such a loop is declined.
  std::int64_t loop_bound = 0;
};

// Caches and their lengths as values of the variant.
struct GrowthResult {
  GrowingDim dim;
  ir::GrowingInput values;  // present is kNone where nothing appends
};

struct ImportResult {
  rdu::artifact::Variant variant;
  std::vector<Problem> problems;        // empty: the variant is whole
  std::set<std::string> wanted_inputs;  // whose value has to be known at compile time
  std::vector<GrowthResult> growth;     // as requested
};

ImportResult import_graph(const LoadedModel& model, const ImportRequest& request);

}  // namespace rducc::import_onnx
