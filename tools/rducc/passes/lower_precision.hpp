// Stores parameters and streams in bf16.
#pragma once

#include "sdk/artifact/model.hpp"

namespace rducc::passes {

// Values of the model that were fp32 become bf16, rounded to nearest even; programs compute in fp32 and round what they store; contractions
// multiply bf16 and add up in fp32. These stay fp32: inputs, outputs and states; contractions that analysis/narrow_products.hpp leaves out,
// with their operands; vectors of parameters (biases, scales); what reductions but minimum and maximum yield, and what is made of that
// alone (statistics of normalisations); what EXP reads and makes (softmax); what crosses into sub-graphs or is not made by loops.
void lower_precision(rdu::artifact::Variant& variant);

}  // namespace rducc::passes
