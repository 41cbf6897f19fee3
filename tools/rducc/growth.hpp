// States that grow (--state OUT=IN:AXIS,MAX): what they ask of the model, and how the variant says them.
#pragma once

#include <span>
#include <vector>

#include "tools/rducc/import/onnx/import_graph.hpp"
#include "tools/rducc/pipeline.hpp"

namespace rducc {

// The dimensions that the request makes grow, and those that grow with them. Throws CompileError
// where a state does not fit the inputs, or where an input has a growing dimension and is no state;
// one that has a sum of dimensions must be fixed.
import_onnx::Growing growing_dims(const CompileRequest& request,
                                  std::span<const rdu::artifact::SignatureTensor> inputs);

// What a run appends, by the name of the dimension.
std::map<std::string, std::int64_t> growth_steps(std::span<const import_onnx::GrowthResult> growth);

// Completes the variables that grow and adds one for each length. Throws where an output is not
// what the model appends to its input, or where states of one dimension grow differently.
void bind_growth(rdu::artifact::Variant& variant,
                 std::span<const import_onnx::GrowthResult> growth);

}  // namespace rducc
