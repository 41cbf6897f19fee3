// What an ONNX model says about its inputs and outputs.
#pragma once

#include <string>
#include <utility>
#include <vector>

#include "sdk/artifact/model.hpp"
#include "tools/rducc/import/onnx/import_state.hpp"

namespace rducc::import_onnx {

struct TensorSignature {
  std::vector<rdu::artifact::SignatureTensor> tensors;
  std::vector<Problem> problems;  // inputs that are not tensors
};

// Inputs that the caller gives: those without an initializer. A dimension without a name is called
// after the input and its axis, "x.0".
TensorSignature input_signature(const LoadedModel& model);
// Dimensions that the model does not state are -1 without a name.
TensorSignature output_signature(const LoadedModel& model);

struct ModelFacts {
  std::string name;
  std::int64_t opset = 0;
  std::size_t num_nodes = 0;
  std::vector<std::pair<std::string, std::string>> metadata;
};
ModelFacts model_facts(const LoadedModel& model);

}  // namespace rducc::import_onnx
