// Decomposes an ONNX model into the pattern graph of one variant.
#pragma once

#include <map>
#include <set>
#include <string>
#include <vector>

#include "tools/rducc/import/onnx/import_state.hpp"
#include "tools/rducc/import/onnx/load_model.hpp"

namespace rducc::import_onnx {

struct ImportRequest {
  std::map<std::string, std::int64_t> dims;     // every symbolic dimension of the inputs, by name
  std::map<std::string, ir::Tensor> constants;  // specialised inputs, by name
};

struct ImportResult {
  rdu::artifact::Variant variant;
  std::vector<Problem> problems;        // empty: the variant is whole
  std::set<std::string> wanted_inputs;  // whose value has to be known at compile time
};

ImportResult import_graph(const LoadedModel& model, const ImportRequest& request);

}  // namespace rducc::import_onnx
