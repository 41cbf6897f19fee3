// Which variants a request asks for: the extents of symbolic dimensions and the values of inputs.
#pragma once

#include <map>
#include <span>
#include <string>
#include <vector>

#include "tools/rducc/import/onnx/import_graph.hpp"
#include "tools/rducc/ir/tensor.hpp"
#include "tools/rducc/pipeline.hpp"

namespace rducc {

struct VariantPlan {
  std::map<std::string, std::int64_t> dims;   // every symbolic dimension
  std::map<std::string, ir::Tensor> fixed;    // inputs to fold, from --fix
  std::map<std::string, ir::Tensor> samples;  // inputs that may be folded where an operator asks
};

// Throws CompileError where a flag does not fit the inputs, or where a dimension has no extent; the
// message names the flag.
std::vector<VariantPlan> plan_variants(const CompileRequest& request,
                                       std::span<const rdu::artifact::SignatureTensor> inputs,
                                       const import_onnx::Growing& growing = {});

}  // namespace rducc
